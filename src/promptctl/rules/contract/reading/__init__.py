"""What rules about contracts need to know: how far a change reaches, what strict mode takes."""
