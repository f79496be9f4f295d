"""Rules about models: pinned, known, alive, and able to do what is asked of them."""
