"""Initiatives: the candidates on the board, their evidence, work, needs and promises; products."""
