"""Was this answer good? One file for each assertion; pure functions."""
