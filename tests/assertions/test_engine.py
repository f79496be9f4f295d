"""Binding: every mistake found at load time, with its place; judging: outcomes, weights, thresholds, groups."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from types import ModuleType

import pytest

from promptctl.assertions.engine import bind, broken, describe, entry_schema, names, verdict
from promptctl.assertions.engine.binding import _digest
from promptctl.assertions.engine.shelf import Kind, kind
from promptctl.assertions.results.judged import JUDGED
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import AssertionBroken, CallFailed, InputError
from promptctl.model.golden import AssertionSpec
from promptctl.model.run import AssertionResult, CallRecord, Completion, Execution, Outcome, Source
from promptctl.model.source import Source as File
from promptctl.model.source import Span
from promptctl.text.schema import violations

PASS, FAIL, ERROR, SKIP = Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.SKIP

CLAIM_BY_CLAIM = ("faithfulness", "answer-relevance", "context-precision", "context-recall")
WAITING = ("python", "command", "similar", "judge", "panel", "pairwise", "g-eval", "moderation", *CLAIM_BY_CLAIM)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"contain": "x"}, "there is no assertion 'contain'\n  hint: did you mean 'contains'?"),
        ({"not-icontain": "x"}, "did you mean 'icontains'?"),
        ({"qqqq": "x"}, "known assertions: all, a"),
        (
            {"levenshtein": {"value": "x", "treshold": 3}},
            "there is no option 'treshold'\n  hint: did you mean 'threshold'?",
        ),
        ({"regex": {"value": "x", "flag": "i"}}, "did you mean 'flags'?"),
        ({"regex": {"value": "x", "flags": "ig"}}, "there is no flag 'g'"),
        ({"regex": "("}, "not a regular expression"),
        ({"contains": ""}, "the text to look for is empty"),
        ({"contains": True}, "the value must be text or a number, not true"),
        ({"contains": ["a"]}, "the value must be text or a number, not a list"),
        ({"contains": None}, "`value` is missing: it must be text or a number"),
        ({"contains": {}}, "`value` is missing"),
        ({"contains-any": []}, "the list is empty"),
        ({"contains-any": ["a", ""]}, "the text to look for is empty"),
        ({"contains-all": '"a'}, "a quote is not closed"),
        ({"contains-any": [["a"]]}, "the value must be text or a list of text or a number, not a list"),
        ({"panel": {"rubric": "R", "judges": ["fair", "strict", "fair"]}}, "the judge 'fair' is in the panel twice"),
        ({"panel": {"rubric": "R", "judges": ["fair"]}}, "a panel has at least two judges"),
        ({"is-refusal": "yes"}, "is-refusal takes no value, not 'yes'"),
        ({"word-count": {"min": 3, "max": 2}}, "`min` 3 is greater than `max` 2"),
        ({"word-count": {}}, "give either a number of words, or `min` and `max`"),
        ({"word-count": {"value": 3, "max": 2}}, "give either a number of words"),
        ({"word-count": {"min": "three"}}, "`min` must be a whole number, not 'three'"),
        ({"max-tokens": -1}, "never negative"),
        ({"cost": True}, "the most US dollars, once"),
        ({"cost": {"value": 1, "threshold": 2}}, "the most US dollars, once"),
        ({"latency": -1}, "never negative"),
        ({"levenshtein": {"value": "x", "threshold": "3"}}, "threshold"),
        ({"equals": None, "weight": -1}, "weight"),
        ({"contains": "x", "weight": 0, "required": True}, "contradict each other"),
        ({"json-schema": {"type": "objekt"}}, "not a valid JSON Schema"),
        ({"json-schema": {"$ref": "https://example.com/s.json"}}, "remote reference"),
        ({"json-schema": "schemas/none.json"}, "schemas/none.json: there is no such file"),
        ({"json-schema": "../outside.json"}, "leads out of the project"),
        ({"json-schema": "schemas/broken.json"}, "schemas/broken.json: not a valid JSON Schema"),
        ({"python": "checks/tone.py"}, "does not name a function"),
        ({"python": "checks/none.py:f"}, "there is no such file"),
        ({"python": {"value": "checks/tone.py:polite", "timeout_s": 0}}, "`timeout_s` is above 0"),
        ({"command": "ls -l"}, "the value must be a list of text, not 'ls -l'"),
        ({"command": []}, "the program is missing"),
        ({"command": ["./checks/none"]}, "there is no such file"),
        ({"similar": "x"}, "`model` is missing: it must be text"),
        ({"rouge-n": {"value": "a", "n": 2}}, "fewer than 2 words"),
        ({"levenshtein": None}, "no value and its case has no `expected_output`"),
        ({"tool-call": {"nam": "x"}}, "a call is a name, or a mapping of `name` and `arguments`"),
        ({"tool-call": []}, "the list is empty"),
        ({"weighted": [{"contains": "x"}]}, "`threshold` is missing"),
        ({"weighted": [{"contains": "x"}], "threshold": 0}, "above 0 and at most 1"),
        ({"any": [{"contains": "x", "weight": 0}]}, "every assertion in the group has weight 0"),
        ({"any": [{"contain": "x"}]}, "did you mean 'contains'?"),
        ({"judge": " "}, "there is no rubric"),
        ({"llm-rubric": "Is kind."}, "there is no assertion 'llm-rubric'\n  hint: did you mean 'judge'?"),
        ({"not-context-faithfulness": True}, "did you mean 'faithfulness'?"),
        ({"judge": {"rubric": "x", "judge": "fare"}}, "there is no judge 'fare'\n  hint: did you mean 'fair'?"),
        ({"judge": {"rubric": "x", "threshold": 5}}, "must be above 0 and at most 1"),
    ],
)
def test_a_mistake_is_an_input_error(bound, entry, message):
    with pytest.raises(InputError) as caught:
        bound(entry)
    assert message in str(caught.value)


def test_a_mistake_says_where_and_all_of_them_are_told(bench):
    spec = AssertionSpec("regex", value=["x"], has_value=True, options={"flag": "i", "wait": 1}, span=Span(12, 9))
    with pytest.raises(InputError) as caught:
        bind(spec, bench, File("golden/a.yaml"))
    assert [str(problem).splitlines()[0] for problem in caught.value.problems] == [
        "golden/a.yaml:12:9: regex: there is no option 'flag'",
        "golden/a.yaml:12:9: regex: there is no option 'wait'",
    ]


def test_several_members_of_a_group_are_all_told(bound):
    with pytest.raises(InputError) as caught:
        bound({"any": [{"regex": "("}, {"contains": ""}]})
    assert len(caught.value.problems) == 2


def test_both_spellings_are_the_same(bound, answer):
    short = bound({"levenshtein": {"value": "abc", "threshold": 1}, "name": "near"})
    long = bound({"type": "levenshtein", "value": "abc", "threshold": 1, "name": "near"})
    assert short.digest == long.digest
    assert short.judge(answer("abd")) == long.judge(answer("abd"))


def test_options_beside_a_mapping_that_is_the_value(bound, answer):
    made = bound({"type": "contains-json", "value": {"required": ["a"]}, "lenient": True})
    assert made.judge(answer("{a: 1}")).outcome is PASS


@pytest.mark.parametrize("name", ["equals", "levenshtein", "rouge-n", "rouge-l", "bleu", "gleu"])
def test_without_a_value_the_expected_output_is_it(bound, answer, name):
    made = bound({"type": name}, expected="the expected text")
    assert made.judge(answer("the expected text")).outcome is PASS
    assert made.judge(answer("something else entirely, not near")).outcome is FAIL
    assert made.digest != bound({"type": name}, expected="another text").digest
    with pytest.raises(InputError, match="no value and its case has no `expected_output`"):
        bound({"type": name})


def test_expected_json_is_compared_as_json_but_not_as_text(bound, answer):
    assert bound({"type": "equals"}, expected={"a": 1}).judge(answer('{"a": 1.0}')).outcome is PASS
    with pytest.raises(InputError, match="the value must be text, not a mapping"):
        bound({"type": "levenshtein"}, expected={"a": 1})


def test_a_threshold_bounds_the_score_of_an_assertion_without_its_own(bound, answer):
    made = bound({"tool-call": ["a", "b"], "threshold": 0.4})
    result = made.judge(answer('[{"name": "a"}]'))
    assert (result.outcome, result.score, result.threshold) == (FAIL, 0.5, 0.4)  # it must pass by itself too
    assert bound({"python": "checks/tone.py:polite"}).threshold is None
    assert bound({"similar": {"value": "x", "model": "e/m"}}).threshold == 0.75


def test_a_threshold_can_fail_what_would_pass_by_itself(bound, answer):
    near = {"levenshtein": {"value": "kitten", "threshold": 3}}
    loose = bound({"all": [near], "threshold": 0.5}).judge(answer("sitting"))
    tight = bound({"all": [near], "threshold": 0.6}).judge(answer("sitting"))
    assert (loose.outcome, tight.outcome) == (PASS, FAIL)
    assert loose.score == tight.score == pytest.approx(1 - 3 / 7)


def test_the_digest_changes_with_the_version_of_the_code():
    def digest(version):
        module = ModuleType("odd")
        module.VERSION = version
        return _digest(AssertionSpec("odd"), Kind("odd", module, {}, {"check": frozenset()}), {}, ())

    assert digest(1) == digest(1) != digest(2)


def test_the_digest_changes_with_what_is_judged_by(bound):
    plain = bound({"python": "checks/tone.py:polite"})
    changed = Bench(read=lambda _: b"def polite(output, context):\n    return False\n")
    assert plain.digest != bound({"python": "checks/tone.py:polite"}, bench=changed).digest
    assert plain.digest == bound({"python": "checks/tone.py:polite", "name": "tone"}).digest
    assert plain.digest != bound({"not-python": "checks/tone.py:polite"}).digest
    assert plain.digest != bound({"python": "checks/tone.py:polite", "weight": 2}).digest
    schema = bound({"json-schema": "schemas/answer.json"})
    other = Bench(read=lambda _: b'{"type": "object"}')
    assert schema.digest != bound({"json-schema": "schemas/answer.json"}, bench=other).digest


def test_the_schema_of_a_file_holds_and_its_references_too(bound, answer):
    made = bound({"json-schema": "schemas/answer.json"})
    assert made.judge(answer('{"a": 1}')).outcome is PASS
    assert made.judge(answer('{"b": 1}')).outcome is FAIL
    assert made.judge(answer('{"a": "one"}')).outcome is FAIL


def test_without_exec_code_is_an_error_also_negated(bound, answer):
    closed = Bench(read=lambda _: b"", allow_exec=False)
    for entry in ({"python": "a.py:f"}, {"not-python": "a.py:f"}, {"command": ["ls"]}, {"all": [{"command": ["ls"]}]}):
        made = bound(entry, bench=closed)
        assert made.asks(answer("x")) == ()
        result = made.judge(answer("x"))
        assert result.outcome is ERROR
        assert "--no-exec" in result.reason


def test_what_code_is_given(bound, answer):
    made = bound({"python": {"value": "checks/tone.py:polite", "config": {"least": 3}, "timeout_s": 5}})
    given = answer({"output": "o", "tool_calls": [{"name": "f", "arguments": "{}"}]}, tags=("t",), expected_output="e")
    (ask,) = made.asks(given)
    assert isinstance(ask, Execution)
    assert (ask.kind, ask.target, ask.timeout_s) == ("python", "checks/tone.py:polite", 5)
    assert ask.payload["output"] == "o"
    assert ask.payload["context"] == {
        "input": {},
        "expected_output": "e",
        "tags": ["t"],
        "context": [],
        "tool_calls": [{"id": None, "name": "f", "arguments": "{}"}],
        "metadata": {},
        "config": {"least": 3},
    }


@pytest.mark.parametrize(
    "said",
    [
        None,
        "yes",
        [True],
        2,
        -0.1,
        float("nan"),
        {},
        {"pass": 1},
        {"pass": True, "score": 3},
        {"pass": True, "reason": 1},
    ],
)
def test_anything_else_that_code_says_is_an_error(bound, answer, said):
    assert bound({"python": "checks/tone.py:polite"}).judge(answer("x"), [said]).outcome is ERROR
    assert bound({"not-python": "checks/tone.py:polite"}).judge(answer("x"), [said]).outcome is ERROR


def test_a_reply_that_failed_breaks_only_the_member_that_asked(bound, answer):
    made = bound({"any": [{"python": "checks/tone.py:polite"}, {"contains": "x"}, {"python": "checks/tone.py:polite"}]})
    given = answer("x")
    assert len(made.asks(given)) == 2
    result = made.judge(given, [CallFailed("no", kind="timeout"), True])
    assert result.outcome is PASS
    assert [child.outcome for child in result.children] == [ERROR, PASS, PASS]
    result = made.judge(answer("y"), [AssertionBroken("gone"), False])
    assert result.outcome is ERROR
    assert "gone" in result.reason


def test_missing_replies_are_an_error(bound, answer):
    assert bound({"python": "checks/tone.py:polite"}).judge(answer("x")).outcome is ERROR


def test_calls_are_kept_with_the_member_that_made_them(bound, answer):
    made = bound({"all": [{"judge": "a"}, {"contains": "x"}, {"judge": "b"}]})
    given = answer("x")
    records = [CallRecord(ask.digest, ask.model, 0.1, 1, 1, Source.LIVE) for ask in made.asks(given)]
    verdicts = [Completion('{"score": 1, "reason": "ok"}')] * 2
    result = made.judge(given, verdicts, calls=records)
    assert [child.calls for child in result.children] == [(records[0],), (), (records[1],)]
    single = bound({"judge": "a"})
    assert single.judge(given, verdicts[:1], calls=records[:1]).calls == (records[0],)


def test_only_the_files_that_are_used_are_imported():
    text = (
        "import sys\n"
        "from promptctl.assertions import engine\n"
        "from promptctl.model.answer import Bench\nfrom promptctl.model.golden import AssertionSpec\n"
        "from promptctl.model.source import Source\n"
        "spec = AssertionSpec('contains', value='x', has_value=True)\n"
        "engine.bind(spec, Bench(read=lambda p: b''), Source('a'))\n"
        "spec = AssertionSpec('levenshtein', value='x', has_value=True)\n"
        "engine.bind(spec, Bench(read=lambda p: b''), Source('a'))\n"
        "print(*sorted(n for n in sys.modules if n.startswith('promptctl.assertions.')))\n"
        "print(*[n for n in ('rapidfuzz', 'sacrebleu', 'nltk', 'litellm', 'jinja2') if n in sys.modules])\n"
    )
    out = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout
    files, heavy = out.splitlines()
    judges = {f"promptctl.assertions.{name.replace('-', '_')}" for name in names()}
    assert judges & set(files.split()) == {"promptctl.assertions.contains", "promptctl.assertions.levenshtein"}
    assert heavy == ""


def result(outcome, *, score=None, weight=1.0, required=False):
    score = {PASS: 1.0, FAIL: 0.0}.get(outcome) if score is None else score
    return AssertionResult("t", outcome, score, "r", "d", weight=weight, required=required)


@pytest.mark.parametrize(
    ("results", "threshold", "expected"),
    [
        ([], None, (ERROR, None)),
        ([], 0, (ERROR, None)),
        ([result(PASS, weight=0)], None, (ERROR, None)),
        ([result(SKIP)], None, (ERROR, None)),
        ([result(PASS), result(PASS)], None, (PASS, 1.0)),
        ([result(PASS), result(FAIL, weight=0)], None, (PASS, 1.0)),
        ([result(PASS), result(ERROR, weight=0)], None, (PASS, 1.0)),
        ([result(PASS), result(FAIL)], None, (FAIL, 0.5)),
        ([result(PASS), result(ERROR)], None, (ERROR, None)),
        ([result(FAIL), result(ERROR)], None, (FAIL, 0.0)),
        ([result(PASS, weight=3), result(FAIL)], 0.75, (PASS, 0.75)),
        ([result(PASS, weight=3), result(FAIL)], 0.76, (FAIL, 0.75)),
        ([result(PASS, weight=3), result(FAIL, required=True)], 0.1, (FAIL, 0.75)),
        ([result(PASS), result(ERROR)], 0.5, (ERROR, None)),
        ([result(FAIL, weight=3), result(ERROR)], 0.5, (FAIL, 0.0)),
        ([result(FAIL), result(ERROR)], 0.5, (ERROR, None)),
        ([result(FAIL, score=0.4), result(FAIL, score=0.6)], 0.5, (PASS, 0.5)),
        ([result(FAIL)], 0, (PASS, 0.0)),
    ],
)
def test_verdict(results, threshold, expected):
    assert verdict(results, threshold) == expected


def test_broken_keeps_what_the_assertion_is(bound):
    made = bound({"not-contains": "x", "name": "n", "weight": 2})
    gone = broken(made, "because")
    assert (gone.type, gone.name, gone.weight, gone.outcome, gone.score) == ("not-contains", "n", 2, ERROR, None)


def test_a_defect_in_an_assertion_is_its_error_and_not_the_end_of_the_run(bound):
    odd = Answer(output="x", latency_s="fast")
    gone = bound({"latency": 1}).judge(odd)
    assert gone.outcome is ERROR
    assert "TypeError" in gone.reason


def test_deeply_nested_json_is_an_error_not_a_crash(bound, answer):
    text = '{"a":' * 100_000
    for entry in ({"is-json": True}, {"contains-json": True}, {"not-is-json": True}):
        assert bound(entry).judge(answer(text)).outcome is ERROR


def test_an_entity_bomb_is_not_expanded(bound, answer):
    bomb = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
    judged = bound({"is-xml": True}).judge(answer(bomb))
    assert judged.outcome is FAIL
    assert "entity" in judged.reason


@pytest.mark.parametrize("name", names())
def test_every_assertion_describes_itself(name):
    found = describe(name)
    assert found.summary.endswith(".")
    assert len(found.summary) < 130
    assert re.search(r"Score:\s", found.doc)
    assert found.group == (name in ("any", "all", "weighted"))
    assert found.waits == (name in WAITING)


@pytest.mark.parametrize(
    ("entry", "valid"),
    [
        ({"contains": "x"}, True),
        ({"not-contains": 3, "weight": 2}, True),
        ({"contains": ["x"]}, False),
        ({"contian": "x"}, False),
        ({"levenshtein": {"value": "x", "threshold": 3}}, True),
        ({"levenshtein": {"value": "x", "treshold": 3}}, False),
        ({"json-schema": {"type": "object"}}, True),
        ({"any": [{"contains": "x"}, {"all": [{"regex": "x"}]}]}, True),
        ({"any": [{"contian": "x"}]}, False),
        ({"weighted": {"assertions": [{"contains": "x"}], "threshold": 0.5}}, True),
        ({"is-refusal": True}, True),
        ({"is-refusal": "x"}, False),
        ({"type": "contains", "value": "x"}, True),
        ({"type": "contian", "value": "x"}, False),
    ],
)
def test_the_json_schema_of_an_entry(entry, valid):
    assert (violations(entry_schema(), entry) == ()) == valid


@pytest.mark.parametrize("score", [1.01, -0.01, float("nan"), float("inf")])
def test_a_score_out_of_range_is_an_error(bound, answer, score):
    module = ModuleType("odd")
    module.check = lambda answer: Score(True, score, "odd")
    made = replace(bound({"not-contains": "x"}), kind=Kind("odd", module, {}, {"check": frozenset()}))
    assert made.judge(answer("x")).outcome is ERROR


@pytest.mark.parametrize("name", names())
def test_what_a_judge_decides_names_its_judges(name):
    """The gate asks which judges stand behind an assertion; a stored result knows it by the assertion's name alone."""
    assert ("judges" in kind(name).takes) == (name in JUDGED)
