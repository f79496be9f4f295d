"""The outside collection of worked statistics is shared out completely, and its comparison can fail."""

from __future__ import annotations

from fnmatch import fnmatchcase


def test_every_case_belongs_to_one_share(worked_cases, shares):
    owners = {
        case["id"]: [share for share, patterns in shares.items() if any(fnmatchcase(case["id"], p) for p in patterns)]
        for case in worked_cases
    }
    assert len(owners) == 127
    assert {name: found for name, found in owners.items() if len(found) != 1} == {}


def test_a_wrong_figure_is_noticed(comparison):
    found = list(comparison("x", {"a": 0.5, "b": [1, None], "c": 2}, {"a": 0.5002, "b": [1, None]}, 1e-4))
    assert [path for path, complaint in found if complaint] == ["x/a"]
    assert [path for path, complaint in found if complaint is None] == ["x/c"]
    assert [complaint for path, complaint in comparison("p", 1.0e-12, 1.1e-12, 1e-4)] != [""]
    assert [complaint for path, complaint in comparison("n", 3, 4, 1e-4)] != [""]
    assert [complaint for path, complaint in comparison("none", None, 0.0, 1e-4)] != [""]
