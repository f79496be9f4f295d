"""What the rules about judges share: the text a judge is shown, the scale it names, the family of a model."""
