"""A tree to a project: which files are what, which belong together, what is selected."""

from __future__ import annotations

import pytest
from tests.text.reading import MemoryTree

from promptctl.model.errors import InputError, NothingSelectedError
from promptctl.model.project import Project
from promptctl.text.paths import identity_of, matching
from promptctl.text.project import find, load_project, select, without_golden
from promptctl.text.semver import is_version, precedence

PROMPT = "model: m\nuser_prompt: hi\n"
GOLDEN = "cases: [{id: a}]\n"


def project_of(**files: str) -> tuple[Project, MemoryTree]:
    tree = MemoryTree({name.replace("__", "/").replace("_YAML", ".yaml"): text for name, text in files.items()})
    return load_project(tree), tree


def tree_of(files: dict[str, str]) -> Project:
    return load_project(MemoryTree(files))


def test_the_defaults_find_prompts_golden_sets_and_judges() -> None:
    project = tree_of(
        {
            "prompts/a.yaml": PROMPT, "prompts/deep/b.yml": PROMPT, "prompts/notes.txt": "x", "other/c.yaml": "no: prompt",
            "golden/a.yaml": GOLDEN, "golden/b.jsonl": '{"id": "x"}', "judges/strict.yaml": PROMPT, "README.md": "x",
        }
    )  # fmt: skip
    assert project.problems == ()
    assert [prompt.name for prompt in project.prompts] == ["a", "b"]
    assert list(project.golden) == ["golden/a.yaml", "golden/b.jsonl"]
    assert list(project.judges) == ["strict"]
    assert [(p.name, g.cases[0].id) for p, g in select(project, [])] == [("a", "a"), ("b", "x")]


def test_entries_are_files_folders_or_globs_and_the_closest_one_wins() -> None:
    config = "prompts: ['.']\ngolden: ['*/golden', one/set.yaml]\njudges: [one/judge.yaml]\n"
    project = tree_of(
        {
            "promptctl.yaml": config, "one/p.yaml": PROMPT, "one/golden/p.yaml": GOLDEN, "one/set.yaml": GOLDEN,
            "one/judge.yaml": PROMPT,
        }
    )  # fmt: skip
    assert project.problems == ()
    assert [p.source.path for p in project.prompts] == ["one/p.yaml"]
    assert list(project.golden) == ["one/golden/p.yaml", "one/set.yaml"]
    assert list(project.judges) == ["judge"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("a", ["a/b.yaml", "a/c/d.yaml"]),
        ("a/", ["a/b.yaml", "a/c/d.yaml"]),
        ("./a", ["a/b.yaml", "a/c/d.yaml"]),
        (".", ["a/b.yaml", "a/c/d.yaml", "ab.yaml"]),
        ("a/x.txt", ["a/x.txt"]),
        ("a/*.yaml", ["a/b.yaml"]),
        ("a/**/*.yaml", ["a/b.yaml", "a/c/d.yaml"]),
        ("**", ["a/b.yaml", "a/c/d.yaml", "a/x.txt", "ab.yaml"]),
        ("*/c", ["a/c/d.yaml"]),
        ("a?.yaml", ["ab.yaml"]),
        ("a[a-c].yaml", ["ab.yaml"]),
        ("a[!a-c].yaml", []),
        ("nope", []),
    ],
)
def test_what_an_entry_means(entry: str, expected: list[str]) -> None:
    assert matching(entry, ["a/b.yaml", "a/c/d.yaml", "a/x.txt", "ab.yaml"], (".yaml",)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("prompts/bot.yaml", ("bot", None)), ("bot.yaml", ("bot", None)), ("prompts/bot/v2.1.0.yaml", ("bot", "2.1.0")),
        ("bot/2.1.0-rc.1.yml", ("bot", "2.1.0-rc.1")), ("v2.1.0.yaml", ("v2.1.0", None)), ("a/v2.yaml", ("v2", None)),
        ("a/.yaml", (".yaml", None)), ("a/bot.", ("bot.", None)), ("a/bot.v1.yaml", ("bot.v1", None)), ("a/bot", ("bot", None)),
    ],
)  # fmt: skip
def test_what_a_path_says_of_a_prompt(path: str, expected: tuple[str, str | None]) -> None:
    assert identity_of(path) == expected


def test_an_entry_that_matches_nothing_is_a_problem_unless_it_is_the_default() -> None:
    assert tree_of({}).problems == ()
    (problem,) = tree_of({"promptctl.yaml": "prompts: [promts]\n"}).problems
    assert "'promts' matches no file" in problem.message
    assert problem.path == "promptctl.yaml"


def test_versions_of_one_prompt_and_its_golden_set() -> None:
    project = tree_of(
        {
            "prompts/bot/v1.9.0.yaml": PROMPT, "prompts/bot/v1.10.0.yaml": PROMPT, "prompts/bot/v2.0.0-rc.1.yaml": PROMPT,
            "golden/bot.yaml": "prompt: bot\n" + GOLDEN,
        }
    )  # fmt: skip
    assert [p.version for p, _ in select(project, [])] == ["2.0.0-rc.1"]
    assert find(project, "bot@1.9.0").version == "1.9.0"
    assert find(project, "prompts/bot/v1.10.0.yaml").version == "1.10.0"
    assert [p.version for p, _ in select(project, ["bot@1.9.0", "prompts/bot/v1.9.0.yaml", "bot"])] == [
        "1.9.0",
        "2.0.0-rc.1",
    ]


def test_the_order_of_versions_is_that_of_the_specification() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
               "1.0.0", "1.0.1", "1.10.0", "2.0.0"]  # fmt: skip
    assert sorted(sorted(ordered), key=precedence) == ordered
    assert sorted(["0.0.0-a", None], key=precedence) == [None, "0.0.0-a"]
    assert [
        text
        for text in ("1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0+", "1.0.0-01", " 1.0.0", "1.0.0\n")
        if is_version(text)
    ] == []
    assert is_version("1.0.0-x.7.z.92+exp.sha.5114f85")


def test_the_golden_set_is_tied_by_the_prompts_word_else_by_stem_else_by_name() -> None:
    files = {
        "prompts/a.yaml": "golden: sets/x.yaml\n" + PROMPT, "prompts/b.yaml": PROMPT, "prompts/c.yaml": "name: d\n" + PROMPT,
        "sets/x.yaml": "cases: [{id: ax}]", "golden/b.csv": "id\nbx\n", "golden/d.yaml": "cases: [{id: dx}]",
    }  # fmt: skip
    assert [(p.name, g.cases[0].id) for p, g in select(tree_of(files), [])] == [("a", "ax"), ("b", "bx"), ("d", "dx")]


def test_only_the_golden_sets_that_are_needed_are_read() -> None:
    files = {f"prompts/p{n}.yaml": PROMPT for n in range(5)} | {f"golden/p{n}.yaml": GOLDEN for n in range(5)}
    files["golden/p4.yaml"] = "cases: []"
    tree = MemoryTree(files)
    project = load_project(tree)
    select(project, ["p1"])
    select(project, ["p1"])
    assert [path for path in tree.reads if path.startswith("golden/")] == ["golden/p1.yaml"]
    with pytest.raises(InputError, match="no cases"):
        select(project, [])
    with pytest.raises(InputError, match="no cases"):
        project.golden["golden/p4.yaml"]
    with pytest.raises(KeyError):
        project.golden["golden/p9.yaml"]


def test_prompts_without_a_golden_set_are_left_out_but_told() -> None:
    project = tree_of({"prompts/a.yaml": PROMPT, "prompts/b.yaml": PROMPT, "golden/a.yaml": GOLDEN})
    assert [p.name for p, _ in select(project, [])] == ["a"]
    assert [p.name for p in without_golden(project)] == ["b"]
    with pytest.raises(InputError, match="b has no golden set") as caught:
        select(project, ["b"])
    assert "golden/b.yaml" in (caught.value.problems[0].hint or "")


def test_nothing_selected_is_not_a_pass() -> None:
    for files, said in (({}, "no prompts under prompts"), ({"prompts/a.yaml": PROMPT}, "no prompt has a golden set")):
        with pytest.raises(NothingSelectedError, match=said):
            select(tree_of(files), [])
    project = tree_of({"prompts/support-bot.yaml": "version: 1.0.0\n" + PROMPT, "golden/support-bot.yaml": GOLDEN})
    for name, hint in (
        ("suport-bot", "did you mean 'support-bot'?"),
        ("zzz", "support-bot"),
        ("support-bot@9.9.9", "1.0.0"),
    ):
        with pytest.raises(NothingSelectedError) as caught:
            select(project, [name])
        assert hint in (caught.value.problems[0].hint or "")


def test_two_golden_sets_for_one_prompt_are_refused() -> None:
    files = {"prompts/a.yaml": PROMPT, "golden/a.yaml": GOLDEN, "golden/a.jsonl": '{"id": "a"}'}
    for names in ([], ["a"]):
        with pytest.raises(InputError, match=r"two golden sets .* golden/a\.jsonl and golden/a\.yaml"):
            select(tree_of(files), names)
    files["prompts/a.yaml"] = "golden: golden/a.yaml\n" + PROMPT
    assert len(select(tree_of(files), [])) == 1


def test_a_golden_set_for_another_prompt_is_refused_with_its_place() -> None:
    project = tree_of({"prompts/a.yaml": PROMPT, "golden/a.yaml": "prompt: b\n" + GOLDEN})
    with pytest.raises(InputError, match="is for 'b'") as caught:
        select(project, ["a"])
    problem = caught.value.problems[0]
    assert (problem.path, problem.line, problem.column) == ("golden/a.yaml", 1, 9)


def test_a_golden_path_that_is_not_there_is_placed_in_the_prompt() -> None:
    with pytest.raises(InputError, match="does not exist") as caught:
        select(tree_of({"prompts/a.yaml": PROMPT + "golden: golden/x.yaml\n"}), ["a"])
    assert (caught.value.problems[0].path, caught.value.problems[0].line) == ("prompts/a.yaml", 3)


def test_one_name_and_version_twice_is_a_problem() -> None:
    text = "name: bot\nversion: 1.0.0\n" + PROMPT
    project = tree_of({"prompts/a.yaml": text, "prompts/b.yaml": text, "golden/bot.yaml": GOLDEN, "golden/c.yaml": GOLDEN,
                       "prompts/c.yaml": PROMPT})  # fmt: skip
    (problem,) = project.problems
    assert (problem.path, problem.line) == ("prompts/b.yaml", 2)
    assert "bot@1.0.0 is also in prompts/a.yaml" in problem.message
    assert len(select(project, ["c"])) == 1
    for names in (["bot"], []):
        with pytest.raises(InputError, match="also in"):
            select(project, names)


def test_a_broken_file_stops_its_own_prompt_and_whoever_asks_for_all() -> None:
    project = tree_of(
        {"prompts/a.yaml": PROMPT, "golden/a.yaml": GOLDEN, "prompts/b.yaml": "modl: m\n", "judges/j.yaml": "x: ["}
    )
    assert {problem.path for problem in project.problems} == {"prompts/b.yaml", "judges/j.yaml"}
    assert len(select(project, ["a"])) == 1
    for names in ([], ["b"], ["prompts/b.yaml"], ["b@1.0.0"]):
        with pytest.raises(InputError, match=r"prompts/b\.yaml"):
            select(project, names)


def test_a_broken_configuration_is_an_input_error() -> None:
    with pytest.raises(InputError, match="promts"):
        tree_of({"promptctl.yaml": "promts: [x]"})


def test_a_thousand_prompts_are_paired_quickly() -> None:
    files = {f"prompts/p{n}.yaml": PROMPT for n in range(300)} | {f"golden/p{n}.yaml": GOLDEN for n in range(300)}
    assert len(select(tree_of(files), [])) == 300
