"""What changed between two sides of a project, computed from what was parsed. Pure; says nothing about good or bad."""
