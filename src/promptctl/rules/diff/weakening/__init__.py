"""Changes after which less is demanded of a prompt."""
