"""One text for one JSON value."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.text.canonical import canonical, digest

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def test_keys_sorted_no_spaces_text_as_it_is() -> None:
    assert canonical({"b": [1, True, None], "a": "é\n"}) == '{"a":"é\\n","b":[1,true,null]}'


def test_the_same_number_is_the_same_text() -> None:
    assert canonical([1.0, -0.0, 1e3, 1e22, 0.1, 1e-7]) == canonical([1, 0, 1000, 10**22, 0.1, 0.0000001])
    assert digest(1) != digest(1.5)
    assert digest(1) != digest(True)
    assert digest("1.0") != digest("1")


def test_unicode_is_not_normalised() -> None:
    assert digest("é") != digest("e\u0301")
    assert len(digest("\ud800")) == 64


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(value)


def test_the_digest_is_sha256_of_the_text() -> None:
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@given(values)
def test_canonical_text_means_the_same_value_and_is_stable(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=6))
def test_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))
