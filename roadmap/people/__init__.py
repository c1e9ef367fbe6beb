"""People: who signs in, and what each role may do."""
