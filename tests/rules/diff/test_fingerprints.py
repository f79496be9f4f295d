"""A fingerprint says which change it is: not where it stands, nor what else was pushed, and never two at once."""

from __future__ import annotations

from pathlib import Path

from diff_bench import diff_files

PROMPT = "version: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\nsystem_prompt: You answer questions.\n"
CASES = "cases:\n{more}  - id: reset\n    input: a\n    expected_output: {expected}\n    assertions: [equals]\n"
MORE = "  - {id: more, input: b, expected_output: c, assertions: [equals]}\n"


def marks(tmp_path: Path, base: dict[str, str], head: dict[str, str]) -> dict[str, str]:
    return {one.finding.rule: one.finding.fingerprint for one in diff_files(tmp_path, base, head).found}


def test_it_stays_when_the_change_moves(tmp_path: Path) -> None:
    base = {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": CASES.format(more="", expected="x")}
    head = {
        "prompts/bot.yaml": PROMPT.replace("questions", "letters"),
        "golden/bot.yaml": CASES.format(more="", expected="y"),
    }
    moved = {
        "prompts/deep/bot.yaml": f"# moved\ndescription: d\n{head['prompts/bot.yaml']}",
        "golden/bot.yaml": CASES.format(more=MORE, expected="y"),
    }
    first, later = marks(tmp_path / "first", base, head), marks(tmp_path / "later", base, moved)
    assert set(first) == {"PD401", "PD504"}
    assert {rule: later[rule] for rule in first} == first


def test_another_change_is_another_fingerprint(tmp_path: Path) -> None:
    base = {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": CASES.format(more="", expected="x")}
    seen = set()
    for expected in ("y", "z"):
        for name in ("bot", "other"):
            before = {path.replace("bot", name): text for path, text in base.items()}
            after = {**before, f"golden/{name}.yaml": CASES.format(more="", expected=expected)}
            seen.add(marks(tmp_path / f"{name}-{expected}", before, after)["PD504"])
    assert len(seen) == 4
