"""Standing checks: whether the data still holds what the code promises."""
