"""The workspace's settings, and what other weights would reorder before they are saved."""
