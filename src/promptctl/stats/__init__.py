"""Intervals and sample sizes: what lint, evals and the gate all need."""
