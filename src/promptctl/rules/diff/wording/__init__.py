"""Changes of what the model reads."""
