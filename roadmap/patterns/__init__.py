"""Patterns: problems merged, split and compared; the market as one view; where work overlaps."""
