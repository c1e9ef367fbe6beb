"""Loss interviews and other direct conversations, and what reps report of their deals."""
