"""The outside world coming in: one door for each outside thing."""
