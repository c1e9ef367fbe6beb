"""Statements: who said what of which deal, where it counts, and what it adds up to."""
