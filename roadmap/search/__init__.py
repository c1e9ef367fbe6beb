"""One search over everything that has a name, as far as whoever asks may see it."""
