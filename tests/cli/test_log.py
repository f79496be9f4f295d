"""`promptctl log` on real histories: renames, merges, includes, shallow clones, and what runs measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

MODEL = "openai/gpt-4o-2024-08-06"


def prompt(text: str, *, version: str = "1.0.0", name: str | None = "bot", model: str = MODEL, more: str = "") -> str:
    head = f"name: {name}\n" if name else ""
    return f"{head}version: {version}\nmodel: {model}\n{more}system_prompt: |\n  {text}\n"


@pytest.fixture
def commit(project: Path, git):
    """Writes files (None removes one), commits, and gives the commit's id."""
    git("init", "-q")

    def run(message: str, files: dict[str, str | None], **env: str) -> str:
        for name, text in files.items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text, encoding="utf-8")
        git("add", "-A")
        git("commit", "-q", "-m", message)
        return git("rev-parse", "HEAD")

    return run


@pytest.fixture
def logged(promptctl):
    """The commits of `log --format json`, after checking that it worked."""

    def run(*arguments: str, **more) -> list[dict]:
        ended = promptctl("log", *arguments, "--format", "json", **more)
        assert ended.code == 0, ended.err
        assert ended.json["version"] == 1
        assert ended.json["kind"] == "log"
        return ended.json["commits"]

    return run


def test_real_prompts_as_three_commits_of_one(commit, logged, promptctl, shared_data: Path) -> None:
    made = []
    for number, kind in enumerate(("default", "concise", "verbose")):
        text = (shared_data / "alpacaeval_prompts/prompts" / f"{kind}.txt").read_text()
        body = "".join(f"  {line}\n" for line in text.splitlines())
        document = (
            f"version: 1.{number}.0\nmodel: {MODEL}\nsystem_prompt: |\n{body}user_prompt: '{{{{ instruction }}}}'\n"
        )
        made.append(commit(kind, {"prompts/alpaca.yaml": document}))
    rows = logged("alpaca")
    assert [row["commit"] for row in rows] == made[::-1]
    assert [row["prompt_version"] for row in rows] == ["1.2.0", "1.1.0", "1.0.0"]
    assert [row["change"] for row in rows] == ["changed", "changed", "added"]
    assert len({row["digest"] for row in rows}) == 3
    assert rows[0]["model"] == MODEL
    assert rows[0]["usd_per_1000_calls"] == pytest.approx(rows[0]["tokens"] * 2.5e-6 * 1000)
    assert logged("prompts/alpaca.yaml") == rows
    text = promptctl("log", "alpaca").out
    assert text.startswith(f"alpaca, {MODEL}, newest first\nCommit ")
    assert text.index(made[2][:9]) < text.index(made[1][:9]) < text.index(made[0][:9])


def test_a_prompt_is_followed_by_its_name_across_renames(commit, logged) -> None:
    one = commit("one", {"prompts/old.yaml": prompt("One."), "prompts/other.yaml": prompt("Other.", name="other")})
    two = commit(
        "two", {"prompts/old.yaml": None, "prompts/größe/new.yaml": prompt("Wholly other words.", version="2.0.0")}
    )
    commit("other", {"prompts/other.yaml": prompt("Others.", name="other")})
    gone = commit("gone", {"prompts/größe/new.yaml": None})
    rows = logged("bot")
    assert [(row["commit"], row["change"], row["path"]) for row in rows] == [
        (gone, "removed", "prompts/größe/new.yaml"),
        (two, "changed", "prompts/größe/new.yaml"),
        (one, "added", "prompts/old.yaml"),
    ]
    assert rows[1]["moved_from"] == "prompts/old.yaml"
    assert rows[0]["digest"] is None


def test_one_file_a_version_and_a_name_from_the_path(commit, logged) -> None:
    commit("one", {"prompts/bot/v1.0.0.yaml": prompt("One.", name=None).replace("version: 1.0.0\n", "")})
    commit("two", {"prompts/bot/v1.1.0.yaml": prompt("Two.", name=None).replace("version: 1.0.0\n", "")})
    assert [(row["prompt_version"], row["path"]) for row in logged("bot")] == [
        ("1.1.0", "prompts/bot/v1.1.0.yaml"),
        ("1.0.0", "prompts/bot/v1.0.0.yaml"),
    ]
    assert [row["prompt_version"] for row in logged("bot@1.0.0")] == ["1.0.0"]


def test_cosmetic_commits_are_hidden_and_counted(commit, logged, promptctl) -> None:
    commit("one", {"prompts/bot.yaml": prompt("One.")})
    cosmetic = commit(
        "comment", {"prompts/bot.yaml": "# A comment.\n" + prompt("One.", more="description: It helps\n")}
    )
    bumped = commit("bump", {"prompts/bot.yaml": prompt("One.", version="1.0.1")})
    assert [row["change"] for row in logged("bot")] == ["version", "added"]
    rows = logged("bot", "--all")
    assert [(row["commit"], row["change"], row["cosmetic"]) for row in rows[:2]] == [
        (bumped, "version", False),
        (cosmetic, "cosmetic", True),
    ]
    assert "note: 1 commit changed nothing that reaches the model: --all shows them" in promptctl("log", "bot").out


def test_an_included_file_is_part_of_the_prompt(commit, logged) -> None:
    text = "Be kind. {% include 'shared/tone.md' %}"
    first = commit(
        "one", {"prompts/bot.yaml": prompt(text), "shared/tone.md": "Softly.", "prompts/x.yaml": prompt("X", name="x")}
    )
    tone = commit("tone", {"shared/tone.md": "Loudly. {% include 'shared/end.md' %}", "shared/end.md": "End."})
    commit("elsewhere", {"README.md": "Nothing."})
    end = commit("end", {"shared/end.md": "The end."})
    back = commit("back", {"shared/tone.md": "Softly."})
    for _ in range(2):  # the second time from what was kept
        rows = logged("bot")
        assert [row["commit"] for row in rows] == [back, end, tone, first]
        assert rows[0]["digest"] == rows[3]["digest"]
        assert len({row["digest"] for row in rows}) == 3
    assert [row["commit"] for row in logged("x")] == [first]


def test_an_include_that_is_missing_is_said_and_hides_nothing(commit, logged) -> None:
    commit("one", {"prompts/bot.yaml": prompt("{% include 'tone.md' %}")})
    commit("two", {"tone.md": "Softly."})
    rows = logged("bot")
    assert [row["change"] for row in rows] == ["changed", "unreadable"]
    assert "tone.md" in rows[1]["problem"] or "no such file" in rows[1]["problem"]


def test_a_broken_version_is_a_row_and_not_the_end(commit, logged) -> None:
    commit("one", {"prompts/bot.yaml": prompt("One.")})
    commit("two", {"prompts/bot.yaml": prompt("One.") + "mistake: [\n"})
    commit("three", {"prompts/bot.yaml": prompt("Three.")})
    rows = logged("bot")
    assert [row["change"] for row in rows] == ["changed", "unreadable", "added"]
    assert rows[1]["digest"] is None
    assert rows[1]["problem"].startswith("line ")


def test_merges_show_only_what_they_made_themselves(commit, logged, git, project: Path) -> None:
    base = commit("base", {"prompts/bot.yaml": prompt("Base."), "README.md": "1"})
    git("checkout", "-qb", "side")
    side = commit("side", {"prompts/bot.yaml": prompt("Side.")})
    git("checkout", "-q", "main")
    commit("main", {"README.md": "2"})
    git("merge", "-q", "--no-edit", "side")
    assert [row["commit"] for row in logged("bot")] == [side, base]
    git("checkout", "-qb", "left", base)
    left = commit("left", {"prompts/bot.yaml": prompt("Left.")})
    git("checkout", "-q", "main")
    git("merge", "-q", "-s", "ours", "--no-commit", "left")
    both = commit("both", {"prompts/bot.yaml": prompt("Side and left.")})
    git("checkout", "-q", "--detach")
    rows = logged("bot")
    assert rows[0]["commit"] == both
    assert len(rows[0]["parents"]) == 2
    assert {row["commit"] for row in rows[1:]} == {side, left, base}
    assert [row["commit"] for row in logged("bot", "left")] == [left, base]
    assert [row["commit"] for row in logged("bot", "left..HEAD")] == [both, side]


def test_prompts_are_where_the_configuration_of_any_time_says(commit, logged) -> None:
    one = commit("one", {"promptctl.yaml": "prompts: [texts]\n", "texts/bot.yaml": prompt("One.")})
    two = commit(
        "two",
        {"promptctl.yaml": "prompts: [words]\n", "texts/bot.yaml": None, "words/bot.yaml": prompt("Two."),
         "golden/bot.yaml": "cases:\n  - {id: a, assertions: [is-json]}\n"},
    )  # fmt: skip
    assert [row["commit"] for row in logged("bot")] == [two, one]


def test_a_project_in_a_folder_of_a_monorepo(commit, logged, project: Path) -> None:
    commit("other", {"b/promptctl.yaml": "", "b/prompts/bot.yaml": prompt("Of b.")})
    mine = commit(
        "mine", {"a c/promptctl.yaml": "", "a c/prompts/bot.yaml": prompt("{% include 'x.md' %}"), "a c/x.md": "X"}
    )
    more = commit("more", {"a c/x.md": "Y"})
    rows = logged("bot", cwd=project / "a c" / "prompts")
    assert [(row["commit"], row["path"]) for row in rows] == [(more, "prompts/bot.yaml"), (mine, "prompts/bot.yaml")]
    assert [row["commit"] for row in logged("bot", "-C", "a c")] == [more, mine]


def test_a_shallow_clone_says_that_history_ends(commit, promptctl, git, project: Path, tmp_path: Path) -> None:
    for number in range(4):
        commit(str(number), {"prompts/bot.yaml": prompt(f"Number {number}.")})
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth=2", f"file://{project}", str(clone))
    ended = promptctl("log", "bot", cwd=clone)
    assert ended.code == 0
    assert "note: history ends here: this is a shallow clone" in ended.out
    assert "git fetch --unshallow" in ended.out
    assert len(promptctl("log", "bot", "--format", "json", cwd=clone).json["commits"]) == 2
    unknown = promptctl("log", "nobody", cwd=clone)
    assert unknown.code == 3
    assert "hint: run 'git fetch --unshallow'" in unknown.err


@pytest.mark.slow
def test_the_pass_rate_is_that_of_a_run_with_the_same_digest(promptctl, logged, git, project: Path) -> None:
    git("init", "-q")
    assert promptctl("init").code == 0
    git("add", "-A")
    git("commit", "-qm", "first")
    assert promptctl("eval").code == 0
    path = project / "prompts/ticket-triage.yaml"
    path.write_text(path.read_text() + "retrieval: {top_k: 3}\n")
    git("commit", "-qam", "second")
    for _ in range(2):
        rows = logged("ticket-triage")
        assert rows[0]["run"] is None
        assert rows[1]["run"]["pass_rate"] == 1.0
        assert rows[1]["run"]["cases"] > 0
    assert "100.0 %" in promptctl("log", "ticket-triage").out


def test_what_is_kept_is_used_and_never_trusted_blindly(commit, logged, project: Path, home: Path) -> None:
    commit("one", {"prompts/bot.yaml": prompt("One.")})
    fresh = logged("bot")
    store = project / ".git/promptctl/history.sqlite"
    assert store.exists()
    store.write_bytes(b"not a database" * 100)
    assert logged("bot") == fresh
    shutil.rmtree(store.parent)
    (project / ".git/promptctl").write_text("in the way")
    assert logged("bot") == fresh


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("bto",), 4, "did you mean bot?"),
        (("bot", "nowhere"), 2, "git knows no revision 'nowhere'"),
        (("bot@9.9.9",), 4, "no commit has version '9.9.9' of bot"),
        (("bot", "--format", "xml"), 2, "xml"),
        (("../elsewhere.yaml",), 2, "lies outside of the project"),
    ],
)
def test_what_cannot_be_answered_says_why(commit, promptctl, arguments, code, said) -> None:
    commit("one", {"prompts/bot.yaml": prompt("One.")})
    ended = promptctl("log", *arguments)
    assert (ended.code, said in ended.err) == (code, True), ended.err


def test_a_repository_without_commits_and_no_repository(promptctl, git, project: Path) -> None:
    assert promptctl("log", "bot").code == 2
    git("init", "-q")
    assert promptctl("log", "bot").code == 2


def test_only_the_newest(commit, logged, promptctl) -> None:
    for number in range(3):
        commit(str(number), {"prompts/bot.yaml": prompt(f"Number {number}.")})
    assert [row["subject"] for row in logged("bot", "-n", "1")] == ["2"]
    assert "note: 2 older commits not shown" in promptctl("log", "bot", "-n", "1").out
