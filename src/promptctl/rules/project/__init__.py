"""Rules about the files themselves, about ignores, and about what only several files together show."""
