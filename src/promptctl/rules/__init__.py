"""What may be wrong with prompts, golden sets, judges and configuration: a rule is one file."""
