"""The workspace: the clock, the revision, the settings."""
