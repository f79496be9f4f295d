"""What several rules about changes need to know: how to name a thing, and which of two assertions asks for less."""
