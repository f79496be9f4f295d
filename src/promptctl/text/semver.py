"""Semantic versions (https://semver.org, 2.0.0): what is one, and which is higher."""

from __future__ import annotations

import re

_NUMBER = r"(?:0|[1-9][0-9]*)"
_LABEL = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_LABEL}(?:\.{_LABEL})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)

# (major, minor, patch), whether it is a release, and its pre-release labels made comparable.
Precedence = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]


def is_version(text: str) -> bool:
    """Whether `text` is a semantic version: `2.1.0`, `2.1.0-rc.1`; not `2.1`, not `v2.1.0`."""
    return _VERSION.match(text) is not None


def precedence(text: str | None) -> Precedence:
    """A sort key by section 11 of the specification; no version at all is the lowest. Raises ValueError."""
    if text is None:
        return (-1, -1, -1), False, ()
    found = _VERSION.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a semantic version")
    major, minor, patch, labels = found.groups()
    parts = tuple(_label(label) for label in labels.split(".")) if labels else ()
    return (int(major), int(minor), int(patch)), labels is None, parts


def _label(label: str) -> tuple[bool, int, str]:
    return (False, int(label), "") if label.isdigit() else (True, 0, label)


def version_in_stem(stem: str) -> str | None:
    """The version a file name such as `v2.1.0` (or `2.1.0`) spells, or None."""
    text = stem[1:] if stem[:1] in {"v", "V"} else stem
    return text if is_version(text) else None
