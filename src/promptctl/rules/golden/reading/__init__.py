"""What rules about golden sets need to know: what assertions demand of an answer, what other YAML readers read."""
