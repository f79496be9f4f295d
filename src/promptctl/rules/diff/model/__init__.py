"""Changes of what answers, and how it is asked to."""
