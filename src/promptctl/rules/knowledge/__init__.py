"""What is known about models and texts, outside of any one rule. Pure functions."""
