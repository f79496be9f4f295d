"""Prompts and golden sets to a plan, a plan to a run."""
