"""What the rules about secrets and personal data share: which texts to read, what is made up, how to show a find."""
