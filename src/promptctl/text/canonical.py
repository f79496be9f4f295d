"""Canonical JSON, and the digest of a value.

Keys are sorted by code point, there is no white space, text is UTF-8 and never normalised (NFC and NFD differ:
a model sees the difference). A number is its value: 1 and 1.0 are the same JSON number, so they are written alike;
a float that is not whole is written by its shortest round-trip form.
"""

from __future__ import annotations

import hashlib
import json

from promptctl.model.prompt import Json

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical(value: Json) -> str:
    """The canonical JSON of `value`. Raises ValueError for NaN and infinity, TypeError for what is not JSON."""
    text = _ENCODER.encode(value)
    # Only a whole float can be spelt in two ways, and Python writes it with ".0" or an exponent.
    return _ENCODER.encode(_whole(value)) if ".0" in text or "e+" in text else text


def digest(value: Json) -> str:
    """The sha256 (hex) of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def _whole(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value
