"""Binds assertions as written to the files that judge, and judges answers with them."""

from promptctl.assertions.engine.binding import bind, looks_at_case
from promptctl.assertions.engine.bound import Bound, Given, broken
from promptctl.assertions.engine.describe import Description, describe, entry_schema
from promptctl.assertions.engine.shelf import names
from promptctl.assertions.engine.verdict import verdict

__all__ = [
    "Bound",
    "Description",
    "Given",
    "bind",
    "broken",
    "describe",
    "entry_schema",
    "looks_at_case",
    "names",
    "verdict",
]
