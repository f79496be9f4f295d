"""The outside world going out: one Report, one renderer a format."""
