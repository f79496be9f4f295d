"""`promptctl gate --against`: real repositories, a real server on loopback, processes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gate_projects import GOOD, MODEL, Repository, loopback, numbered, obedient, repository, said, system_of
from tests.cli.eval_projects import console_script, environment


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with loopback() as server:
        yield server


@pytest.fixture
def server(shared: Any) -> Any:
    shared.reset()
    shared.answers.reply = obedient
    return shared


@pytest.fixture
def repo(server: Any, tmp_path: Path) -> Repository:
    return repository(tmp_path / "project", server.url)


def only_prompt(document: dict[str, Any]) -> dict[str, Any]:
    """The one prompt of a verdict."""
    (prompt,) = document["prompts"]
    return prompt


def test_a_change_that_breaks_nothing_passes_and_says_what_was_taken(repo: Repository, server: Any) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.prompt(f"{GOOD} Be kind.")
    done = repo.gate()
    assert (done.code, done.document["verdict"], done.document["rule"]) == (0, "pass", "identical")
    assert done.document["baseline"]["commit"] == base
    assert done.document["baseline"]["description"] == f"{base[:7]} (HEAD; 1 of 1 prompt affected)"
    assert f"baseline {base[:7]} (HEAD; 1 of 1 prompt affected)" in done.err
    assert Counter(system_of(one.json) for one in server.requests) == {GOOD: 12, f"{GOOD} Be kind.": 12}


def test_base_and_head_are_asked_side_by_side(repo: Repository, server: Any) -> None:
    repo.config(eval={"retries": 0, "concurrency": 2})
    repo.commit("ask two at a time")
    repo.prompt(f"{GOOD} Be kind.")
    assert repo.gate().code == 0
    order = "".join("b" if system_of(one.json) == GOOD else "h" for one in server.requests)
    assert "bbbbb" not in order
    assert "hhhhh" not in order


def test_a_change_that_breaks_cases_fails_and_names_them_with_both_answers(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget word01\nforget word02\nforget word03")
    done = repo.gate()
    assert done.code == 1
    found = only_prompt(done.document)
    assert (found["verdict"], found["rule"], found["regressions"], found["n"]) == (
        "fail",
        "confirmed-regressions",
        3,
        12,
    )
    assert {one["case"] for one in found["witnesses"]} == {"c01", "c02", "c03"}
    witness = next(one for one in found["witnesses"] if one["case"] == "c01")
    assert witness["base"]["output"] == "You said: word01 please"
    assert witness["head"]["output"] == "I do not know."
    assert witness["assertions"][0]["type"] == "contains"
    text = repo.run("gate", "--against", "HEAD")
    assert text.code == 1
    assert "- You said: word01 please" in text.out
    assert "+ I do not know." in text.out
    (kept, *_) = sorted((repo.project.state / "verdicts").glob("*.json"))
    assert json.loads(kept.read_text())["verdict"] == "fail"


def test_the_same_gate_again_pays_nothing_and_says_the_same(repo: Repository, server: Any) -> None:
    repo.prompt(f"{GOOD}\nforget word01")
    first = repo.gate()
    asked = len(server.requests)
    second = repo.gate()
    assert asked == 24 + 8  # both sides, and one flip asked four times more on each
    assert len(server.requests) == asked
    assert first.document["prompts"] == second.document["prompts"]


def test_an_improvement_passes(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget word01")
    repo.commit("a bad start")
    repo.prompt(GOOD)
    done = repo.gate()
    assert done.code == 0
    assert only_prompt(done.document)["improvements"] == 1


def test_a_flaky_model_does_not_block(repo: Repository, server: Any) -> None:
    asked: Counter[str] = Counter()

    def flaky(body: dict[str, Any]) -> str:
        """Of three words the head's first answer is bad, the next one good."""
        asked[json.dumps(body["messages"])] += 1
        head = system_of(body) != GOOD
        bad = head and said(body)[:6] in ("word01", "word02", "word03")
        return "Hm." if bad and asked[json.dumps(body["messages"])] == 1 else obedient(body)

    server.answers.reply = flaky
    repo.prompt(f"{GOOD} Be kind.")
    done = repo.gate()
    assert done.code == 0
    assert done.document["verdict"] == "inconclusive"
    assert "warning" in done.err
    assert only_prompt(done.document)["confirmed_regressions"] == 0
    assert any("3 flips asked again: 6 of at most 24 samples" in note for note in done.document["notes"])


def test_an_inconclusive_gate_is_4_where_the_policy_asks_for_a_decision(server: Any, tmp_path: Path) -> None:
    repo = repository(tmp_path / "project", server.url, gate={"on_inconclusive": "fail", "confirm": 0})
    repo.prompt(f"{GOOD}\nforget word01")
    assert repo.gate().code == 4


def test_an_early_stop_saves_calls(server: Any, tmp_path: Path) -> None:
    repo = repository(tmp_path / "project", server.url, cases=numbered(90))
    repo.config(eval={"retries": 0, "concurrency": 2})
    repo.commit("slowly")
    repo.prompt("\n".join([GOOD, *(f"forget word{n:02}" for n in range(90))]))
    done = repo.gate()
    assert done.code == 1
    assert only_prompt(done.document)["rule"] == "regression-evidence"
    assert only_prompt(done.document)["stopped_after"] < 30
    assert len(server.requests) < 90
    assert any("stopped early" in note for note in done.document["notes"])


def test_a_critical_case_that_newly_fails_is_enough(server: Any, tmp_path: Path) -> None:
    cases = [
        *numbered(60),
        {"id": "leak", "input": "secret please", "tags": ["critical"], "assertions": [{"contains": "secret"}]},
    ]
    repo = repository(tmp_path / "project", server.url, cases=cases, gate={"max_drop": 0.1})
    repo.prompt(f"{GOOD}\nforget secret")
    done = repo.gate()
    assert (done.code, only_prompt(done.document)["rule"]) == (1, "must-pass")


# What is affected


def test_nothing_affected_is_a_pass_and_opens_no_model_library(repo: Repository, server: Any) -> None:
    repo.project.write("README.md", "bot.yaml is a prompt")
    repo.project.write("src/app.py", "print(1)\n")
    done = repo.gate()
    assert (done.code, done.document["verdict"], done.document["rule"]) == (0, "pass", "unaffected")
    assert done.document["carried_over"] == ["bot"]
    assert server.requests == []
    script = "import sys; sys.argv[:] = ['promptctl', 'gate', '--against', 'HEAD']\nfrom promptctl.cli.app import app\n"
    script += (
        "app(standalone_mode=False)\nprint([m for m in ('litellm', 'scipy', 'jinja2', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=repo.root, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_does_not_reach_the_model_or_a_judge_affects_nothing(repo: Repository, server: Any) -> None:
    repo.prompt(GOOD, description="Now with a description", owner="somebody@example.com")
    done = repo.gate()
    assert (done.code, done.document["rule"]) == (0, "unaffected")
    assert server.requests == []


def test_only_the_affected_prompt_is_asked_and_the_others_are_named(repo: Repository, server: Any) -> None:
    other = {"name": "other", "version": "1.0.0", "model": MODEL, "system_prompt": "{% include 'parts/tone.txt' %}"}
    repo.project.write("prompts/other.yaml", json.dumps(other))
    repo.project.write("golden/other.yaml", json.dumps({"cases": numbered(3)}))
    repo.project.write("parts/tone.txt", "Be calm.")
    repo.commit("another")
    repo.project.write("parts/tone.txt", "Be loud.")
    done = repo.gate()
    assert done.code == 0
    assert [one["prompt"] for one in done.document["prompts"]] == ["other"]
    assert done.document["carried_over"] == ["bot"]
    assert "(HEAD; 1 of 2 prompts affected)" in done.err
    assert len(server.requests) == 6


def test_a_prompt_without_golden_set_is_no_pass(repo: Repository) -> None:
    bare = {"name": "bare", "version": "1.0.0", "model": MODEL, "system_prompt": "One."}
    repo.project.write("prompts/bare.yaml", json.dumps(bare))
    repo.commit("unmeasured")
    repo.project.write("prompts/bare.yaml", json.dumps({**bare, "system_prompt": "Two."}))
    done = repo.gate()
    assert (done.document["verdict"], only_prompt(done.document)["rule"]) == ("inconclusive", "nothing-measured")
    assert "warning" in done.err


def test_a_new_prompt_is_reported_and_not_gated(repo: Repository) -> None:
    new = {"name": "new", "version": "1.0.0", "model": MODEL, "system_prompt": f"{GOOD}\nforget word01"}
    repo.project.write("prompts/new.yaml", json.dumps(new))
    repo.project.write("golden/new.yaml", json.dumps({"cases": numbered(3)}))
    done = repo.gate()
    assert (done.code, done.document["rule"]) == (0, "new")
    assert done.document["reasons"] == [
        "new: 2 of 3 cases of a new prompt pass on the head, reported and not gated; not passing: c01"
    ]


def test_a_prompt_that_cannot_be_read_any_more_fails_by_lint(repo: Repository, server: Any) -> None:
    repo.project.write("prompts/bot.yaml", "name: bot\nmodel: [")
    done = repo.gate()
    assert (done.code, done.document["verdict"], done.document["rule"]) == (1, "fail", "lint")
    assert done.document["lint"][0]["path"] == "prompts/bot.yaml"
    assert server.requests == []


def test_a_lint_error_is_new_only_where_the_base_had_none(repo: Repository) -> None:
    repo.prompt("{{ nowhere", user_prompt="{{ input }}")
    done = repo.gate()
    assert (done.code, done.document["rule"]) == (1, "lint")
    repo.commit("broken")
    repo.prompt("{{ nowhere else", user_prompt="{{ input }}")
    done = repo.gate()
    assert (done.code, done.out) == (2, "")  # it was as bad before, and nothing can be measured still


# A change cannot lower its own bar


def test_a_deleted_case_is_still_run_and_catches_the_regression(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget word01")
    repo.cases([case for case in numbered() if case["id"] != "c01"])
    done = repo.gate()
    assert done.code == 1
    assert [one["case"] for one in only_prompt(done.document)["witnesses"]] == ["c01"]


def test_a_deleted_golden_set_is_still_the_one_of_record(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget word01")
    (repo.root / "golden/bot.yaml").unlink()
    assert repo.gate().code == 1


def test_a_lowered_threshold_and_a_wider_margin_do_not_help(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget word01\nforget word02")
    repo.config(gate={"max_drop": 0.9, "on_inconclusive": "pass"})
    easy = [
        {**case, "assertions": [{"contains": "I do"}]} if case["id"] in ("c01", "c02") else case for case in numbered()
    ]
    repo.cases(easy)
    done = repo.gate()
    assert done.code == 1
    assert only_prompt(done.document)["regressions"] == 2
    assert done.document["policy"]["max_drop"] == 0.02
    assert any("the base's policy is in force" in note for note in done.document["notes"])
    assert any("2 of 2 new or edited cases pass on the head" in note for note in done.document["notes"])
    mild = repo.gate("--policy-from", "head")
    assert (mild.code, mild.document["policy"]["max_drop"]) == (0, 0.9)


def test_an_edited_check_does_not_judge_its_own_change(repo: Repository) -> None:
    repo.project.write("checks/words.py", "def there(output, context):\n    return 'word' in output\n")
    cases = [
        {"id": f"c{n}", "input": f"word{n:02} please", "assertions": [{"python": "checks/words.py:there"}]}
        for n in range(3)
    ]
    repo.cases(cases)
    repo.commit("a check")
    repo.prompt(f"{GOOD}\nforget word01")
    repo.project.write("checks/words.py", "def there(output, context):\n    return True\n")
    done = repo.gate()
    assert done.code == 1
    assert [one["case"] for one in only_prompt(done.document)["witnesses"]] == ["c1"]
    assert repo.gate("--no-exec").code == 3


def test_a_new_case_is_reported_and_not_gated(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget extra")
    repo.cases([*numbered(), {"id": "extra", "input": "extra please", "assertions": [{"contains": "extra"}]}])
    done = repo.gate()
    assert done.code == 0
    assert only_prompt(done.document)["head_only"] == ["extra"]
    assert any("not passing: extra" in note for note in done.document["notes"])


def test_a_case_that_no_longer_fits_the_prompt_is_an_error_of_the_head(repo: Repository) -> None:
    repo.prompt(
        GOOD, inputs={"input": {"type": "string"}, "tone": {"type": "string"}}, user_prompt="{{ input }} {{ tone }}"
    )
    done = repo.gate()
    assert done.code in (1, 3)  # 1 where lint has a word for it
    errors = only_prompt(done.document)["errors"]
    assert {one["side"] for one in errors} == {"head"}
    assert len(errors) == 12
    assert "does not fit the prompt" in errors[0]["reason"]


# Where the base comes from


def test_a_merge_commit_finds_its_base(repo: Repository, server: Any) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.prompt(f"{GOOD}\nforget word01")
    repo.commit("worse")
    repo.git("checkout", "-q", "main") if "main" in repo.git("branch", "--list", "main") else repo.git(
        "checkout", "-q", "master"
    )
    repo.project.write("docs.md", "elsewhere")
    main = repo.commit("main goes on")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    done = repo.gate(against="HEAD^1")
    assert done.code == 1
    assert done.document["baseline"]["description"] == f"{main[:7]} (HEAD^1 of a merge; 1 of 1 prompt affected)"


def clone_of(repo: Repository, place: Path, *options: str) -> Repository:
    """A clone with a state of its own."""
    subprocess.run(["git", "clone", "-q", *options, f"file://{repo.root}", str(place)], check=True, env=environment())
    copy = Repository(type(repo.project)(place))
    copy.project.env["OPENAI_API_KEY"] = "sk-none"
    return copy


def test_a_shallow_clone_is_told_what_to_fetch(repo: Repository, tmp_path: Path) -> None:
    repo.prompt(f"{GOOD} Be kind.")
    repo.commit("kind")
    shallow = clone_of(repo, tmp_path / "shallow", "--depth", "1")
    done = shallow.gate(against="HEAD^1")
    assert done.code == 3
    assert "git fetch --deepen=1 origin" in done.err
    assert "pass" not in done.out


def test_a_fork_without_recordings_cannot_be_judged_offline(repo: Repository, server: Any, tmp_path: Path) -> None:
    repo.prompt(f"{GOOD} Be kind.")
    repo.commit("kind")
    fork = clone_of(repo, tmp_path / "fork")
    done = fork.gate("--offline", against="HEAD^1")
    assert done.code == 3
    assert done.document["verdict"] == "inconclusive"
    assert server.requests == []


def test_committed_recordings_are_enough_for_a_fork(repo: Repository, server: Any, tmp_path: Path) -> None:
    assert repo.run("eval", "--record").code == 0
    repo.commit("recorded")
    repo.prompt(f"{GOOD}\nforget word01\nforget word02\nforget word03")
    repo.run("eval", "--record")
    repo.commit("worse, recorded")
    asked = len(server.requests)
    fork = clone_of(repo, tmp_path / "fork")
    done = fork.gate("--offline", against="HEAD^1")
    assert only_prompt(done.document)["regressions"] == 3
    assert (done.document["verdict"], only_prompt(done.document)["rule"]) == ("inconclusive", "not-settled")
    assert any("3 flips not confirmed" in note for note in done.document["notes"])
    assert len(server.requests) == asked


def test_recorded_samples_confirm_flips_offline(repo: Repository, server: Any, tmp_path: Path) -> None:
    assert repo.run("eval", "--record", "--samples", "5").code == 0
    repo.commit("recorded")
    repo.prompt(f"{GOOD}\nforget word01\nforget word02")
    repo.run("eval", "--record", "--samples", "5")
    repo.commit("worse, recorded")
    done = clone_of(repo, tmp_path / "fork").gate("--offline", against="HEAD^1")
    assert (done.code, only_prompt(done.document)["rule"]) == (1, "confirmed-regressions")


def test_recordings_of_the_change_say_nothing_about_the_base(repo: Repository, server: Any, tmp_path: Path) -> None:
    assert repo.run("eval", "--record").code == 0
    recorded = (repo.root / "recordings/bot.jsonl").read_text()
    repo.prompt(f"{GOOD} Be kind.")
    assert repo.run("eval", "--record").code == 0
    repo.commit("the base's answers come with the change")
    fork = clone_of(repo, tmp_path / "fork")
    assert recorded.splitlines()[0] in (fork.root / "recordings/bot.jsonl").read_text()
    done = fork.gate("--offline", against="HEAD^1")
    assert done.code == 3
    assert {one["side"] for one in only_prompt(done.document)["errors"]} == {"base"}


def test_what_is_staged_can_be_the_base(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget word01")
    repo.git("add", "-A")
    assert repo.gate(against="index").document["rule"] == "unaffected"
    repo.prompt(f"{GOOD}\nforget word01\nforget word02")
    done = repo.gate(against="index")
    assert done.code == 1
    assert [one["case"] for one in only_prompt(done.document)["witnesses"]] == ["c02"]


def test_a_prompt_under_a_new_name_is_compared_with_its_old_self(repo: Repository) -> None:
    repo.prompt(f"{GOOD}\nforget word01", name="robot", golden="golden/bot.yaml")
    done = repo.gate()
    assert done.code == 1
    assert only_prompt(done.document)["prompt"] == "robot"
    assert "robot is called bot at the base: compared with it" in done.document["notes"]


def test_an_unknown_revision_is_an_input_error(repo: Repository) -> None:
    done = repo.gate(against="nowhere")
    assert (done.code, done.out) == (2, "")
    assert repo.run("gate").code == 2


# Stored answers


def test_answers_that_are_too_old_are_asked_again(repo: Repository, server: Any) -> None:
    repo.prompt(f"{GOOD} Be kind.")
    assert repo.gate().code == 0
    done = repo.gate("--max-age", "0")
    assert done.code == 0
    assert len(server.requests) == 48
    assert any("24 stored answers older than 0 days asked anew" in note for note in done.document["notes"])


def test_another_model_is_gated_against_the_one_that_is_pinned(repo: Repository, server: Any) -> None:
    server.answers.reply = lambda body: "No." if "mini" in body["model"] and "word01" in said(body) else obedient(body)
    done = repo.gate("--model", "openai/gpt-4o-mini-2024-07-18")
    assert done.code == 1
    assert [one["case"] for one in only_prompt(done.document)["witnesses"]] == ["c01"]
    assert "--model openai/gpt-4o-mini-2024-07-18" in done.document["command"]


def test_a_budget_that_is_spent_is_no_verdict(repo: Repository) -> None:
    repo.prompt(f"{GOOD} Be kind.", parameters={"max_tokens": 100})
    done = repo.gate("--max-cost", "0.0001")
    assert done.code == 3
    assert done.document["verdict"] == "inconclusive"


def test_a_provider_that_is_down_is_no_verdict(repo: Repository, server: Any) -> None:
    server.fail("503")
    repo.prompt(f"{GOOD} Be kind.")
    assert repo.gate().code == 3


def test_an_interrupted_gate_has_no_verdict_and_keeps_what_was_answered(repo: Repository, server: Any) -> None:
    server.latency_s = 0.3
    repo.config(eval={"retries": 0, "concurrency": 1})
    repo.commit("one at a time")
    repo.prompt(f"{GOOD} Be kind.")
    process = subprocess.Popen(
        [console_script(), "gate", "--against", "HEAD", "--format", "json"],
        cwd=repo.root,
        env=environment(**repo.project.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 20
    while len(server.requests) < 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["rule"] == "interrupted"
    asked = len(server.requests)
    server.latency_s = 0.0
    assert repo.gate().code == 0
    assert len(server.requests) < asked + 24


# What judges


def test_a_judge_of_the_change_does_not_judge_it(repo: Repository, server: Any) -> None:
    judge = {"name": "strict", "version": "1.0.0", "model": MODEL, "user_prompt": "{{ output }} {{ rubric }}"}
    repo.project.write("judges/strict.yaml", json.dumps({**judge, "system_prompt": "Judge strictly."}))
    repo.cases(
        [{"id": "tone", "input": "word01 please", "tags": ["critical"], "assertions": [{"judge": "Is helpful."}]}]
    )
    repo.commit("a judge")

    def reply(body: dict[str, Any]) -> str:
        if system_of(body).startswith("Judge"):
            good = "mildly" in system_of(body) or "word01" in said(body)
            return json.dumps({"score": 1 if good else 0, "reason": "seen"})
        return obedient(body)

    server.answers.reply = reply
    repo.prompt(f"{GOOD}\nforget word01")
    repo.project.write("judges/strict.yaml", json.dumps({**judge, "system_prompt": "Judge mildly."}))
    done = repo.gate()
    assert (done.code, only_prompt(done.document)["rule"]) == (1, "must-pass")
    assert not any(system_of(one.json) == "Judge mildly." for one in server.requests if "word01" in said(one.json))
    assert repo.gate("--policy-from", "head").code == 0


# Calibration


def test_calibration_measures_noise_and_the_gates_own_errors(repo: Repository, server: Any) -> None:
    asked: Counter[str] = Counter()

    def flaky(body: dict[str, Any]) -> str:
        asked[said(body)] += 1
        bad = said(body)[:6] in ("word01", "word02", "word03") and asked[said(body)] == 1
        return "Hm." if bad else obedient(body)

    server.answers.reply = flaky
    done = repo.gate("--calibrate")
    assert done.code == 0
    (found,) = done.document["prompts"]
    assert (found["n"], found["differed"], found["discordance"]) == (12, 3, 0.25)
    assert 0 < found["false_block"] < 0.1
    assert 0 < found["power"] < 1
    assert found["discordance_interval"][0] < 0.25 < found["discordance_interval"][1]
    kept = json.loads((repo.project.state / "calibration.json").read_text())
    assert kept["prompts"]["bot"]["discordance"] == 0.25


# The model that lives in the repository

SCRIPT = "rules:\n  - when: {user: refund}\n    reply: Within 30 days.\ndefault: I do not know.\n"


@pytest.mark.slow
def test_a_scripted_model_is_each_sides_own_file(tmp_path: Path) -> None:
    cases = [{"id": "refund", "input": "refund?", "tags": ["critical"], "assertions": [{"contains": "30 days"}]}]
    repo = repository(tmp_path / "project", None, cases=cases, model="scripted/bot.yaml")
    repo.project.write("scripted/bot.yaml", SCRIPT)
    repo.commit("a script")
    repo.project.write("scripted/bot.yaml", SCRIPT.replace("30", "14"))
    done = repo.gate()
    assert done.code == 1
    (witness,) = only_prompt(done.document)["witnesses"]
    assert (witness["base"]["output"], witness["head"]["output"]) == ("Within 30 days.", "Within 14 days.")


def test_the_help_says_what_the_exit_codes_mean() -> None:
    done = subprocess.run(
        [console_script(), "gate", "--help"], capture_output=True, text=True, check=True, env=environment()
    )
    assert "--against" in done.stdout
    assert "--calibrate" in done.stdout
