"""A judge's labels: where they stand, how they are read and written, and what they say of the judge."""

from __future__ import annotations

from tests.text.reading import MemoryTree

from promptctl.text.paths import is_labels, labels_path
from promptctl.text.project import load_project

PROMPT = "model: m\nuser_prompt: hi\n"


def test_labels_stand_beside_their_judge_and_are_nothing_else() -> None:
    assert labels_path("judges/grader.yaml") == "judges/grader.labels.jsonl"
    assert labels_path("judges/deep/tone.yml") == "judges/deep/tone.labels.jsonl"
    assert labels_path("grader/v1.2.0.yaml") == "grader/v1.2.0.labels.jsonl"
    assert is_labels("judges/Grader.LABELS.jsonl")
    assert not is_labels("golden/labels.jsonl")
    files = {
        "promptctl.yaml": "prompts: ['all/b*']\ngolden: [all]\njudges: ['all/j*']\n",
        "all/bot.yaml": PROMPT, "all/judge.yaml": PROMPT, "all/judge.labels.jsonl": "not JSON", "all/set.jsonl": '{"id": "x"}',
    }  # fmt: skip
    project = load_project(MemoryTree(files))
    assert project.problems == ()
    assert list(project.judges) == ["judge"]
    assert "all/judge.labels.jsonl" not in project.golden
