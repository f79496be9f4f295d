"""Formulas against figures from outside: published values, other libraries' answers, and what must always hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.assertions import bleu, gleu, levenshtein, rouge_l, rouge_n, similar, tool_call, tool_call_f1
from promptctl.assertions.reading import json_text, needles, words
from promptctl.assertions.reading.tools import Call
from promptctl.model.answer import Answer
from promptctl.model.run import Completion

TEXT = st.text(st.sampled_from("ab .'é😀\n"), max_size=30)


@pytest.fixture(scope="session")
def peers(shared_data):
    """Groups of cases by id."""
    document = json.loads((shared_data / "peer_metric_cases.json").read_text())
    return {group["id"]: group["cases"] for group in document["groups"]}


def test_levenshtein_agrees_with_autoevals_and_ragas(peers):
    for case in peers["autoevals.levenshtein"]:
        score = levenshtein.check(Answer(output=case["output"]), value=case["expected"]).score
        assert score == pytest.approx(case["score_full"], abs=1e-9)
    for case in peers["ragas.string_similarity"]:
        score = levenshtein.check(Answer(output=case["response"]), value=case["reference"]).score
        assert score == pytest.approx(case["levenshtein"], abs=1e-9)


def test_rouge_agrees_with_google_rouge_score(peers):
    """Its tokens have no punctuation; its stemmer makes no difference in these texts."""
    for case in peers["ragas.rouge"]:
        if not case["reference"]:
            continue  # refused at load time
        answer = Answer(output=case["response"])
        one = rouge_n.check(answer, value=case["reference"], punctuation=False)
        longest = rouge_l.check(answer, value=case["reference"], punctuation=False)
        assert one.score == pytest.approx(case["rouge1_fmeasure"], abs=1e-9)
        assert longest.score == pytest.approx(case["rougeL_fmeasure"], abs=1e-9)


def test_bleu_agrees_with_sacrebleu(peers):
    for case in peers["sacrebleu.bleu_chrf"]:
        if not case["reference"]:
            continue
        score = bleu.check(
            Answer(output=case["response"]), value=case["reference"], tokenize="13a", smoothing="exp"
        ).score
        # sacrebleu's figure is for the text as it stands; ours folds case, which only matters where case differs.
        folded = case["response"].lower() == case["response"] or case["sacrebleu_sentence_bleu_0_1"] in (0.0, 1.0)
        if folded:
            assert score == pytest.approx(min(1.0, case["sacrebleu_sentence_bleu_0_1"]), abs=1e-6)
        else:
            assert score >= case["sacrebleu_sentence_bleu_0_1"] - 1e-6


def test_bleu_of_the_original_paper():
    """Papineni et al. 2002, section 2.1: the clipped unigram precision of "the the ..." is 2/7."""
    score = bleu.check(Answer(output="the the the the the the the"), value="the cat is on the mat").score
    assert score == pytest.approx((2 / 7 * (1e-7 / 6) * (1e-7 / 5) * (1e-7 / 4)) ** 0.25, rel=1e-6)


def test_tool_call_f1_agrees_with_pydantic_evals_where_no_call_is_repeated(peers):
    for case in peers["pydantic_evals.trajectory_match"]:
        if len(set(case["actual"])) < len(case["actual"]):
            continue
        output = json.dumps([{"name": name} for name in case["actual"]])
        score = tool_call_f1.check(Answer(output=output), value=tuple(case["expected"])).score
        assert score == pytest.approx(case["any_order_f1"])


def test_calls_in_order_are_the_longest_common_subsequence(peers):
    for case in peers["pydantic_evals.trajectory_match"]:
        output = json.dumps([{"name": name} for name in case["actual"]])
        wanted = tuple(case["expected"])
        score = tool_call.check(Answer(output=output), value=wanted, order=True).score
        assert score == pytest.approx(case["lcs"] / len(wanted))


def test_wanted_calls_each_need_a_call_of_their_own():
    """The general one must not take the only call that fits the particular one."""
    made = '[{"name": "f", "arguments": {"x": 1}}, {"name": "f", "arguments": {"x": 2}}]'
    wanted = ("f", {"name": "f", "arguments": {"x": 1}})
    assert tool_call.check(Answer(output=made), value=wanted).passed
    assert not tool_call.check(Answer(output=made), value=(*wanted, "f")).passed
    exact = tool_call.check(Answer(output=made), value={"name": "f", "arguments": {}}, arguments="exact")
    assert not exact.passed


def test_exact_match_and_json_agree_with_autoevals(peers, bound, answer):
    """The order of an object's keys means nothing here; there it does."""
    key_order = 0
    for case in peers["autoevals.exact_match"]:
        if case["expected"] is None or case["output"] is None:
            continue
        text = case["output"] if isinstance(case["output"], str) else json.dumps(case["output"])
        expected = case["expected"]
        if isinstance(expected, str) and isinstance(case["output"], dict | list):
            expected = json.loads(expected) if expected.startswith(("{", "[")) else expected
        passed = bound({"type": "equals", "value": expected}).judge(answer(text)).outcome.value == "pass"
        if passed != bool(case["score"]):
            assert json_text.same(json.loads(text), expected)
            key_order += 1
    assert key_order == 2


@given(TEXT, TEXT)
def test_measures_stay_in_their_range_and_know_equality(one, other):
    answer = Answer(output=one)
    for check in (levenshtein.check, rouge_n.check, rouge_l.check, gleu.check):
        assert 0 <= check(answer, value=other).score <= 1
        if words.tokens(one):
            assert check(answer, value=one).score == 1
    assert levenshtein.check(answer, value=other).reason == levenshtein.check(Answer(output=other), value=one).reason
    assert rouge_l.check(answer, value=other).score == pytest.approx(
        rouge_l.check(Answer(output=other), value=one).score
    )
    assert rouge_l.check(answer, value=other).score <= rouge_n.check(answer, value=other).score + 1e-9


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5))
def test_quoted_fields_of_a_line_come_back(fields):
    quoted = ",".join('"' + field.replace("\\", "\\\\").replace('"', '""') + '"' for field in fields)
    assert needles.split(quoted) == tuple(fields)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.text(st.characters(exclude_characters='{}[]"', exclude_categories=["Cs"])), JSON)
def test_json_is_found_in_prose_and_is_the_same_as_itself(value, prose, other):
    found = {"wrapped": value}
    assert json_text.same(json_text.load(json.dumps(value)), value)
    assert json_text.same(value, other) == json_text.same(other, value)
    assert list(json_text.objects(f"{prose}{json.dumps(found)}{prose}")) == [found]


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [((3, 4), (3, 4), 1), ((1, 0), (0, 1), 0), ((1, 0), (1, 1), 2**-0.5), ((1, 0), (-1, 0), 0)],
)
def test_the_cosine(one, other, score):
    reply = Completion("", embeddings=(one, other))
    assert similar.read(Answer(output="x"), (reply,), model="e/m", value="y").score == pytest.approx(score)


def test_the_embedding_request_names_all_texts_and_its_model(bound, answer, bench):
    made = bound({"similar": {"value": ["a", "b"], "model": "openai/text-embedding-3-small"}})
    (request,) = made.asks(answer("given"))
    assert (request.kind, request.texts, request.messages) == ("embedding", ("given", "a", "b"), ())
    assert request.digest != made.asks(answer("other"))[0].digest
    assert made.judge(answer("")).outcome.value == "error"


def test_calls_reported_by_the_provider_come_before_those_in_the_text(answer):
    from promptctl.assertions.reading.tools import calls

    reported = answer({"output": '[{"name": "text"}]', "tool_calls": [{"name": "real", "arguments": "not json"}]})
    assert calls(reported) == (Call("real", None),)
    assert calls(answer('[{"name": "text"}]')) == (Call("text", {}),)
