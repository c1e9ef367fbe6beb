"""The market: segments, the ideal customer profile, and the problems that customers have."""
