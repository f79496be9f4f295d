"""Rules over a pair, before and after: what breaks callers and consumers, and what weakens the tests. PD codes."""
