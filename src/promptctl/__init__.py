"""promptctl: prompts and golden sets in git, linted, compared and evaluated against pinned models."""

__version__ = "0.1.0"
