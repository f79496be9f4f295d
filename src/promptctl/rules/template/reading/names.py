"""The names a prompt's templates take from outside."""

from __future__ import annotations

from promptctl.model.prompt import Prompt
from promptctl.rules.template.reading.pieces import pieces
from promptctl.text.template import undeclared


def used_names(prompt: Prompt) -> frozenset[str]:
    """The names all templates of a prompt use. Raises InputError for a template that cannot be read.

    Where the scanner finds exactly the declared inputs nothing is undefined or unused, and Jinja2 need not parse the
    templates once more; wherever it finds anything else Jinja2 decides.
    """
    texts = [one.content for one in prompt.messages if one.template and one.content is not None]
    seen = frozenset[str]().union(*(piece.names for text in texts for piece in pieces(text, prompt.includes)))
    if seen == {one.name for one in prompt.inputs}:
        return seen
    return frozenset[str]().union(*(undeclared(text, prompt.includes) for text in texts))
