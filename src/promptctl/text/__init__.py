"""Text to model and back: YAML, JSON, JSON Schema, templates, the run document."""
