"""What the rules about limits share: how large a prompt and its largest golden case are."""
