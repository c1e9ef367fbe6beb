"""CRM files in: read, map, stage, compare, apply, and say what was done."""
