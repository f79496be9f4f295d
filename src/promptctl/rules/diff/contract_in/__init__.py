"""Changes that break those who call a prompt."""
