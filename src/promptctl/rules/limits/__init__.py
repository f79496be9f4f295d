"""Rules about limits: tokens and money."""
