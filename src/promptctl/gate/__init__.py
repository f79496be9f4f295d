"""The gate: two runs compared case by case, and the verdict that follows. Pure."""
