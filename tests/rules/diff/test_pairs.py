"""Which prompt is which: by name, then version, whatever became of the files; also among files nobody touched."""

from __future__ import annotations

from pathlib import Path

from diff_bench import codes, diff_files

SAME = "model: openai/gpt-4o-2024-08-06\nsystem_prompt: You answer questions.\n"
OTHER = SAME.replace("questions", "letters")


def named(name: str, text: str = SAME, version: str = "1.0.0") -> str:
    return f"name: {name}\nversion: {version}\n{text}"


def pairs(found) -> list[tuple[str, str | None, str | None]]:
    ends = [(one.name, one.change.before, one.change.after) for one in found.comparison.prompts]
    return [(name, *(end.source.path if end else None for end in both)) for name, *both in ends]


def test_two_files_that_swap_their_names_are_two_moved_prompts(tmp_path: Path) -> None:
    base = {"prompts/x.yaml": named("a"), "prompts/y.yaml": named("b", OTHER)}
    head = {"prompts/x.yaml": named("b", OTHER), "prompts/y.yaml": named("a")}
    found = diff_files(tmp_path, base, head)
    assert pairs(found) == [("a", "prompts/x.yaml", "prompts/y.yaml"), ("b", "prompts/y.yaml", "prompts/x.yaml")]
    assert codes(found) == ["PD601", "PD601"]


def test_a_new_version_finds_the_one_before_in_a_file_nobody_touched(tmp_path: Path) -> None:
    base = {"prompts/deep/old-place.yaml": named("a"), "prompts/z.yaml": named("z")}
    found = diff_files(tmp_path, base, {**base, "prompts/new.yaml": named("a", OTHER, "1.1.0")})
    assert pairs(found) == [("a", "prompts/deep/old-place.yaml", "prompts/new.yaml")]
    assert found.comparison.prompts[0].change.kept


def test_a_version_that_is_gone_is_a_warning_while_others_are_left(tmp_path: Path) -> None:
    base = {"prompts/a/v1.0.0.yaml": SAME, "prompts/a/v2.0.0.yaml": OTHER}
    found = diff_files(tmp_path, base, {"prompts/a/v2.0.0.yaml": OTHER})
    assert [(one.finding.rule, one.finding.severity.value) for one in found.found] == [("PD101", "warning")]
    assert "a@1.0.0 is gone; 2.0.0 is left" in found.found[0].finding.message


def test_a_file_by_file_upgrade_is_one_change(tmp_path: Path) -> None:
    found = diff_files(tmp_path, {"prompts/a/v1.0.0.yaml": SAME}, {"prompts/a/v1.0.1.yaml": OTHER})
    assert pairs(found) == [("a", "prompts/a/v1.0.0.yaml", "prompts/a/v1.0.1.yaml")]
    assert codes(found) == ["PD401"]


def test_a_prompt_that_changed_name_and_place_is_known_by_its_content(tmp_path: Path) -> None:
    found = diff_files(tmp_path, {"prompts/a.yaml": SAME}, {"prompts/b/c.yaml": SAME})
    assert pairs(found) == [("c", "prompts/a.yaml", "prompts/b/c.yaml")]
    assert codes(found) == ["PD102"]


def test_a_file_that_became_unreadable_is_neither_gone_nor_new(tmp_path: Path) -> None:
    found = diff_files(tmp_path / "after", {"prompts/a.yaml": SAME}, {"prompts/a.yaml": "model: ["})
    assert (pairs(found), codes(found)) == ([], ["PD001"])
    found = diff_files(tmp_path / "before", {"prompts/a.yaml": "model: ["}, {"prompts/a.yaml": SAME})
    assert [(one.finding.rule, one.finding.severity.value) for one in found.found] == [("PD001", "warning")]


def test_a_schema_in_a_file_is_followed_through_its_references(tmp_path: Path) -> None:
    prompt = f"{SAME}output: {{format: json, schema: schemas/answer.json}}\n"
    base = {
        "prompts/a.yaml": prompt,
        "schemas/answer.json": '{"type": "object", "properties": {"q": {"$ref": "parts/queue.json"}}}',
        "schemas/parts/queue.json": '{"enum": ["a"]}',
    }
    head = {**base, "schemas/parts/queue.json": '{"type": "string", "maxLength": 3}'}
    found = diff_files(tmp_path, base, head)
    assert [pair.name for pair in found.comparison.prompts] == ["a"]
    unrelated = diff_files(tmp_path / "other", base, {**base, "src/app.py": "print()"})
    assert unrelated.comparison.empty
