"""The commands. This room knows every other and decides nothing."""
