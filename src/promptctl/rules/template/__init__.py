"""Rules about templates: what the messages of a prompt are made of."""
