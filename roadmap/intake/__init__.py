"""Requests: what reps hear, the answer they get, and how triage finds the problem behind it."""
