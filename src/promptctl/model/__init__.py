"""The nouns. Standard library only; nothing here reads, waits or prints."""
