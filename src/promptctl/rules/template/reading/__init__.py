"""What rules about templates need to know: the messages and where they stand, their pieces, whom an input can be trusted to."""
