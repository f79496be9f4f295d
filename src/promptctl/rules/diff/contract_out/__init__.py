"""Changes that break those who read a prompt's answers."""
