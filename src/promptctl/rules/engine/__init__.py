"""What runs the rules: subjects, the shelf, pages, ignores, fixes. Pure: the world is handed in."""
