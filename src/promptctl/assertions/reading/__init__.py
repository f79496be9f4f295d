"""How answers and values are read; what several assertions share."""
