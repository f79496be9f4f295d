"""Whole projects: broken files, fingerprints, the cache, the base."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from rule_bench import TODAY, codes, lint_files, reading_of, write

from promptctl.model.prompt import Json
from promptctl.rules.engine.lint import changes, lint
from promptctl.rules.engine.settings import Settings

ONLY = {"promptctl.yaml": "lint: {select: [PL0, PL101, PL103]}\n"}
GOOD = "model: anthropic/claude-sonnet-4-6\nsystem_prompt: Hello {{ name }}.\n"
ALIAS = "model: openai/gpt-4o\nsystem_prompt: Hello.\n"
GOLDEN = "cases: [{id: a, input: x, assertions: [{contains: b}]}]\n"


class Counting:
    """A store that counts what is found in it and what is not."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}
        self.hits = self.misses = 0

    def get(self, key: str) -> Json | None:
        found = self.kept.get(key)
        self.hits, self.misses = self.hits + (found is not None), self.misses + (found is None)
        return found

    def put(self, key: str, value: Json) -> None:
        self.kept[key] = value


def test_one_broken_file_never_hides_the_findings_of_the_others(tmp_path: Path) -> None:
    files = {
        "prompts/a.yaml": ALIAS,
        "prompts/bytes.yaml": b"\xff\xfe\x00",
        "prompts/list.yaml": "- 1\n",
        "prompts/open.yaml": "a: [\n",
        "golden/a.yaml": "cases: 3\n",
        "golden/b.jsonl": '{"id": "a"\n',
        "judges/j.yaml": "modle: x\n",
    }
    linted = lint_files(tmp_path, ONLY | files)
    assert {one.path for one in linted.findings if one.rule == "PL001"} == set(files) - {"prompts/a.yaml"}
    assert [one.path for one in linted.findings if one.rule == "PL101"] == ["prompts/a.yaml"]


def test_a_line_is_explained_once_and_never_by_a_rule_that_is_off_or_ignored(tmp_path: Path) -> None:
    golden = {"golden/a.yaml": "cases:\n  - input: x # promptctl: ignore PL401\n"}
    named = {"golden/a.yaml": "cases:\n  - input: x\n"}
    assert codes(lint_files(tmp_path / "1", {"promptctl.yaml": "lint: {select: [PL401]}\n"} | named)) == ["PL401"]
    assert codes(lint_files(tmp_path / "2", {"promptctl.yaml": "lint: {select: [PL101]}\n"} | named)) == ["PL001"]
    assert codes(lint_files(tmp_path / "3", {"promptctl.yaml": "lint: {select: [PL401]}\n"} | golden)) == ["PL001"]


def test_a_large_file_is_a_finding_and_costs_nothing(tmp_path: Path) -> None:
    linted = lint_files(tmp_path, ONLY | {"prompts/a.yaml": ALIAS, "golden/big.yaml": b"a: b\n" * 10_000_001})
    assert {(one.rule, one.path) for one in linted.findings} >= {
        ("PL001", "golden/big.yaml"),
        ("PL101", "prompts/a.yaml"),
    }
    assert "50 MB" in linted.findings[0].message


def test_a_loop_of_links_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path / "head", ONLY | {"prompts/a.yaml": ALIAS})
    (tmp_path / "head/prompts/loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "head/prompts/gone.yaml").symlink_to("nowhere.yaml")
    linted = lint_files(tmp_path, {})
    assert {(one.rule, one.path) for one in linted.findings} >= {
        ("PL001", "prompts/loop.yaml"),
        ("PL001", "prompts/gone.yaml"),
        ("PL101", "prompts/a.yaml"),
    }


def test_a_file_that_vanishes_while_it_is_read_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, ONLY | {"prompts/a.yaml": ALIAS, "prompts/b.yaml": ALIAS})
    reading = reading_of(tmp_path)  # the files are listed now, and read below
    (tmp_path / "prompts/b.yaml").unlink()
    found = lint(reading, Settings()).findings
    assert ("PL001", "prompts/b.yaml") in {(one.rule, one.path) for one in found}
    assert ("PL101", "prompts/a.yaml") in {(one.rule, one.path) for one in found}


def test_fingerprints_survive_a_move_of_the_line_and_are_all_different(tmp_path: Path) -> None:
    before = lint_files(tmp_path / "1", ONLY | {"prompts/a.yaml": ALIAS, "prompts/b.yaml": ALIAS})
    after = lint_files(tmp_path / "2", ONLY | {"prompts/a.yaml": f"# a comment\n\n{ALIAS}", "prompts/b.yaml": ALIAS})
    assert [one.fingerprint for one in before.findings] == [one.fingerprint for one in after.findings]
    assert [one.line for one in before.findings] != [one.line for one in after.findings]
    assert len({one.fingerprint for one in before.findings}) == len(before.findings) > 1


def test_nothing_is_examined_twice_and_a_change_only_once(tmp_path: Path) -> None:
    files = {"prompts/a.yaml": GOOD, "prompts/b.yaml": ALIAS, "golden/a.yaml": GOLDEN, "golden/b.yaml": GOLDEN}
    write(tmp_path, ONLY | files)
    store = Counting()
    first = lint(reading_of(tmp_path, store), Settings()).findings
    assert store.misses == 4
    store.hits = store.misses = 0
    assert lint(reading_of(tmp_path, store), Settings()).findings == first
    assert (store.hits, store.misses) == (4, 0)
    (tmp_path / "prompts/a.yaml").write_text(GOOD + "owner: a@example.com\n")
    writes = set(store.kept)
    lint(reading_of(tmp_path, store), Settings())
    assert store.misses == 1, "the prompt's own entry"
    assert len(set(store.kept) - writes) == 1


def test_a_finding_is_not_remembered_when_what_it_was_made_of_has_changed(tmp_path: Path) -> None:
    files = {"prompts/a.yaml": "model: anthropic/claude-sonnet-4-6\nsystem_prompt: '{% include \"parts/x.txt\" %}'\n"}
    write(tmp_path, ONLY | files)
    store = Counting()
    missing = lint(reading_of(tmp_path, store), Settings()).findings
    assert any("parts/x.txt" in one.message for one in missing)
    write(tmp_path, {"parts/x.txt": "Hello."})
    found = lint(reading_of(tmp_path, store), Settings()).findings
    assert not any("parts/x.txt" in one.message for one in found)


def test_what_depends_on_the_day_is_asked_again_on_another_day(tmp_path: Path) -> None:
    write(tmp_path, ONLY | {"prompts/a.yaml": "model: openai/gpt-4.1-2025-04-14\nsystem_prompt: Hello.\n"})
    store = Counting()

    def retired(days: int) -> list[str]:
        found = lint(reading_of(tmp_path, store, TODAY + timedelta(days=days)), Settings()).findings
        return [one.severity.value for one in found if one.rule == "PL103"]

    assert retired(0) == ["warning"]
    assert retired(400) == ["error"]
    assert retired(-400) == []


def test_prompts_are_paired_with_the_base_by_name_and_version(tmp_path: Path) -> None:
    base = {
        "prompts/bot.yaml": "name: bot\nversion: 1.0.0\n" + GOOD,
        "prompts/same.yaml": "version: 1.0.0\n" + GOOD,
        "prompts/gone.yaml": "version: 1.0.0\n" + GOOD,
    }
    head = {
        "prompts/renamed.yaml": "name: bot\nversion: 1.0.0\n" + GOOD.replace("Hello", "Hi"),
        "prompts/same.yaml": "# only a comment\nversion: 1.0.0\n" + GOOD,
        "prompts/new.yaml": "version: 1.0.0\n" + GOOD,
    }
    write(tmp_path / "base", base)
    write(tmp_path / "head", head)
    pairs = [
        (c.before and c.before.name, c.after and c.after.name)
        for c, _ in changes(reading_of(tmp_path / "head"), reading_of(tmp_path / "base"))
    ]
    assert sorted(pairs, key=str) == sorted([("bot", "bot"), (None, "new"), ("gone", None)], key=str)


def test_only_some_paths_are_reported_but_all_are_known(tmp_path: Path) -> None:
    files = ONLY | {"prompts/a.yaml": ALIAS, "prompts/b/c.yaml": ALIAS, "golden/a.yaml": GOLDEN}
    assert codes(lint_files(tmp_path / "1", files, only=["prompts/b"])) == ["PL101"]
    assert codes(lint_files(tmp_path / "2", files, only=["golden"])) == []


def test_a_golden_set_outside_of_the_entries_is_linted_where_a_prompt_names_it(tmp_path: Path) -> None:
    files = {"prompts/a.yaml": GOOD + "golden: tests/a.yaml\n", "tests/a.yaml": "cases: [{id: a, input: x}]\n"}
    linted = lint_files(tmp_path, {"promptctl.yaml": "lint: {select: [PL403]}\n"} | files)
    assert [(one.rule, one.path) for one in linted.findings] == [("PL403", "tests/a.yaml")]
