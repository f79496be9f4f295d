"""Values by path: what is reported turns one into the other, and nothing else."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from promptctl.changes.values import ADDED, CHANGED, REMOVED, ValueChange, dotted, value_changes

leaves = st.none() | st.booleans() | st.integers(-2, 2) | st.text(alphabet="ab", max_size=2)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


def applied(value, changes):
    """`value` with the changes made to it, those at a list's end from behind."""
    value = {"root": copy.deepcopy(value)}
    removed = [one for one in changes if one.kind == REMOVED]
    for one in [*(one for one in changes if one.kind != REMOVED), *reversed(removed)]:
        place = value
        *above, last = ("root", *one.path)
        for part in above:
            place = place[part]
        if one.kind == REMOVED:
            del place[last]
        elif isinstance(place, list) and one.kind == ADDED:
            place.append(one.after)
        else:
            place[last] = one.after
    return value["root"]


@given(values, values)
def test_the_changes_lead_from_one_to_the_other(before, after) -> None:
    assert applied(before, value_changes(before, after)) == after


@given(values)
def test_a_value_does_not_differ_from_itself(value) -> None:
    assert value_changes(value, copy.deepcopy(value)) == ()


def test_numbers_are_their_value_and_truth_is_no_number() -> None:
    assert value_changes({"t": 1}, {"t": 1.0}) == ()
    assert value_changes({"t": 1}, {"t": True}) == (ValueChange(("t",), CHANGED, 1, True),)
    assert value_changes({"a": None}, {}) == (ValueChange(("a",), REMOVED, None),)
    assert dotted(("properties", "queue", "enum", 2)) == "properties.queue.enum[2]"
