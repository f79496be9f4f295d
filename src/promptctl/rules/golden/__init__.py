"""Rules about golden sets."""
