"""Who we lose, why, and what is worth closing: the win-loss reports."""
