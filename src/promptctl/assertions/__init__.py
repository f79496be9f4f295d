"""Was this answer good? One file an assertion; `engine` finds, binds and judges them."""
