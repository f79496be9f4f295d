"""Personal data in a text: what it is, where it stands, and whether it is somebody's. Pure; number checks are handed in."""
