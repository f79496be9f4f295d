"""What keeps two sides from being compared, and what changed without any effect."""
