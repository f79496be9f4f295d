"""Retrieval: figures of scikit-learn, of other tools and of textbooks, what must always hold, and what is refused."""

from __future__ import annotations

import json
import math
import time
import warnings
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.assertions import average_precision, mrr, ndcg, precision_at_k, recall_at_k
from promptctl.assertions.engine import bind, entry_schema
from promptctl.assertions.reading import ranking
from promptctl.model.answer import Answer
from promptctl.model.errors import AssertionBroken, InputError
from promptctl.model.run import Outcome
from promptctl.model.source import Blob, Source
from promptctl.text.golden import parse_golden
from promptctl.text.schema import violations

PASS, FAIL, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.ERROR
RANKED = (recall_at_k, precision_at_k, mrr, ndcg, average_precision)


@pytest.fixture(scope="session")
def peers(shared_data):
    """Groups of cases by id."""
    document = json.loads((shared_data / "peer_metric_cases.json").read_text())
    return {group["id"]: group["cases"] for group in document["groups"]}


@pytest.fixture(scope="session")
def oracle():
    """scikit-learn's measures; what it and its own libraries warn each other of is theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sklearn import metrics
    return SimpleNamespace(
        ndcg=lambda true, scores, k=None: metrics.ndcg_score([true], [scores], k=k),
        average_precision=lambda true, scores: metrics.average_precision_score(true, scores),
        reciprocal_rank=lambda true, scores: metrics.label_ranking_average_precision_score([true], [scores]),
        precision=lambda true, predicted: metrics.precision_score(true, predicted),
        recall=lambda true, predicted: metrics.recall_score(true, predicted),
    )


def got(*passages):
    """An answer with that context."""
    return Answer(output="", context=passages)


def ids(*names):
    return got(*({"id": name} for name in names))


def line(relevant):
    """A context with an expected passage where `relevant` says so; and the expected ones."""
    names = [f"r{at}" if is_so else f"x{at}" for at, is_so in enumerate(relevant)]
    return ids(*names), tuple(name for name in names if name.startswith("r"))


# Published and other tools' figures.


def test_precision_and_recall_agree_with_ragas_on_ids(peers):
    accounted = 0
    for one in peers["ragas.id_based_context"]:
        answer = ids(*one["retrieved_ids"])
        expected = tuple(one["reference_ids"])
        if not expected:
            with pytest.raises(InputError, match="empty"):  # NaN there: a case that expects nothing asks nothing
                recall_at_k.check(answer, value=expected)
            accounted += 1
            continue
        assert recall_at_k.check(answer, value=expected).score == pytest.approx(one["recall"], abs=1e-12)
        if one["precision"] == "NaN":
            with pytest.raises(AssertionBroken, match="nothing was retrieved"):
                precision_at_k.check(answer, value=expected)
            accounted += 1
        else:
            assert precision_at_k.check(answer, value=expected).score == pytest.approx(one["precision"], abs=1e-12)
    assert accounted == 2


def test_average_precision_agrees_with_ragas_where_all_that_is_expected_was_retrieved(peers):
    """ragas divides by the relevant passages it retrieved, and adds 1e-10 to them; a perfect list is exactly 1 here."""
    for one in peers["ragas.context_precision_ap"]:
        answer, expected = line(one["verdicts"])
        score = average_precision.check(answer, value=expected or ("none of them",)).score
        assert score == pytest.approx(one["exact_average_precision"], abs=1e-12)
        assert score == ranking.average_precision(one["verdicts"], sum(one["verdicts"]))
        assert score == pytest.approx(one["ragas"], abs=1e-9)
        if one["exact_average_precision"] == 1:
            assert score == 1


def test_texts_are_equal_or_contained_and_never_alike(peers):
    """ragas' measures without ids take half-alike texts; where they are equal or have nothing in common we agree."""
    alike = 0
    for one in peers["ragas.non_llm_context"]:
        answer, expected = got(*one["retrieved"]), tuple(one["reference"])
        recall = recall_at_k.check(answer, value=expected).score
        precision = average_precision.check(answer, value=expected).score
        if not set(expected) & set(one["retrieved"]) and one["recall"]:
            assert (recall, precision) == (0, 0)
            alike += 1
            continue
        assert recall == pytest.approx(one["recall"], abs=1e-9)
        assert precision == pytest.approx(one["precision"], abs=1e-9)
    assert alike == 1


def test_ndcg_of_the_encyclopedia():
    """The worked example of https://en.wikipedia.org/wiki/Discounted_cumulative_gain: DCG 6.861, ideal 8.740, 0.785."""
    graded = {"d1": 3, "d2": 2, "d3": 3, "d4": 0, "d5": 1, "d6": 2, "d7": 3, "d8": 2}
    score = ndcg.check(ids("d1", "d2", "d3", "d4", "d5", "d6"), value=graded, k=6).score
    assert score == pytest.approx(0.785, abs=5e-4)
    assert score == pytest.approx(6.861 / 8.740, abs=1e-4)


def test_average_precision_of_the_textbook():
    """Croft, Metzler, Strohman, Search Engines (2009), figures 8.3 and 8.5: two queries, 0.62 and 0.44; MAP 0.53."""
    one = line([at in (1, 3, 6, 9, 10) for at in range(1, 11)])
    other = line([at in (2, 5, 7) for at in range(1, 11)])
    scores = [average_precision.check(answer, value=expected).score for answer, expected in (one, other)]
    assert [round(score, 2) for score in scores] == [0.62, 0.44]
    assert sum(scores) / 2 == pytest.approx(0.53, abs=5e-3)


def test_mrr_of_the_encyclopedia():
    """https://en.wikipedia.org/wiki/Mean_reciprocal_rank: ranks 3, 2 and 1 make 11/18."""
    contexts = [line([at == place for at in (1, 2, 3)]) for place in (3, 2, 1)]
    scores = [mrr.check(answer, value=expected).score for answer, expected in contexts]
    assert sum(scores) / 3 == pytest.approx(11 / 18)


GRADES = st.lists(st.integers(0, 4), min_size=2, max_size=12).filter(any)


@settings(max_examples=50, deadline=None)
@given(grades=GRADES, k=st.none() | st.integers(1, 12))
def test_every_measure_agrees_with_scikit_learn(oracle, grades, k):
    names = [f"p{at}" for at in range(len(grades))]
    answer, order = ids(*names), list(range(len(grades), 0, -1))
    graded = dict(zip(names, grades, strict=True))
    relevant = [grade > 0 for grade in grades]
    assert ndcg.check(answer, value=graded, k=k).score == pytest.approx(oracle.ndcg(grades, order, k))
    assert average_precision.check(answer, value=graded).score == pytest.approx(
        oracle.average_precision(relevant, order)
    )
    predicted = [at < (k or len(names)) for at in range(len(names))]
    assert recall_at_k.check(answer, value=graded, k=k).score == pytest.approx(oracle.recall(relevant, predicted))
    if k is None or k <= len(names):
        assert precision_at_k.check(answer, value=graded, k=k).score == pytest.approx(
            oracle.precision(relevant, predicted)
        )
    first = [at == relevant.index(True) for at in range(len(names))]
    assert mrr.check(answer, value=graded).score == pytest.approx(oracle.reciprocal_rank(first, order))


@settings(max_examples=50, deadline=None)
@given(grades=GRADES, missing=st.integers(0, 3))
def test_average_precision_counts_what_is_missing_as_trec_eval_does(oracle, grades, missing):
    """scikit-learn's is over what was ranked; divided by all that is relevant it is found / relevant of that."""
    relevant = [grade > 0 for grade in grades]
    answer, expected = line(relevant)
    score = average_precision.check(answer, value=(*expected, *(f"m{at}" for at in range(missing)))).score
    over_retrieved = oracle.average_precision(relevant, list(range(len(grades), 0, -1)))
    assert score == pytest.approx(over_retrieved * sum(relevant) / (sum(relevant) + missing))


# What must always hold.

LINE = st.lists(st.booleans(), min_size=1, max_size=10)


@settings(deadline=None)
@given(LINE, st.integers(0, 3), st.none() | st.integers(1, 12))
def test_scores_stay_in_their_range_and_a_perfect_order_is_exactly_one(relevant, missing, k):
    answer, expected = line(relevant)
    wanted = (*expected, *(f"m{at}" for at in range(missing)), "never")
    for module in RANKED:
        score = module.check(answer, value=wanted, k=k).score
        assert 0 <= score <= 1, module.__name__
        assert (score == 0) == (not any(relevant[:k]))
    if any(relevant):
        perfect, _ = line(sorted(relevant, reverse=True))
        names = tuple(one["id"] for one in perfect.context if one["id"].startswith("r"))
        for module in (recall_at_k, mrr, ndcg, average_precision):
            assert module.check(perfect, value=names).score == 1, module.__name__
        assert precision_at_k.check(perfect, value=names, k=len(names)).score == 1
        assert ndcg.check(perfect, value={name: 9 - at for at, name in enumerate(names)}).score == 1


@settings(deadline=None)
@given(LINE, st.randoms())
def test_the_order_of_what_follows_the_last_expected_passage_does_not_count(relevant, random):
    answer, expected = line(relevant)
    if not expected:
        return
    last = max(at for at, is_so in enumerate(relevant) if is_so)
    head, tail = list(answer.context[: last + 1]), list(answer.context[last + 1 :])
    random.shuffle(tail)
    for module in RANKED:
        shuffled = module.check(got(*head, *tail), value=expected).score
        assert shuffled == module.check(answer, value=expected).score


@settings(deadline=None)
@given(LINE, st.integers(0, 10))
def test_one_more_expected_passage_never_lowers_recall(relevant, place):
    answer, expected = line(relevant)
    wanted = (*expected, "new")
    more = [*answer.context]
    more.insert(place, {"id": "new"})
    assert recall_at_k.check(got(*more), value=wanted).score > recall_at_k.check(answer, value=wanted).score


@settings(deadline=None)
@given(LINE, st.lists(st.integers(0, 9), max_size=6))
def test_a_passage_that_comes_again_neither_helps_nor_hurts(relevant, again):
    answer, expected = line(relevant)
    repeated = (*answer.context, *(answer.context[at % len(relevant)] for at in again))
    for module in RANKED:
        plain = module.check(answer, value=(*expected, "m"))
        result = module.check(got(*repeated), value=(*expected, "m"))
        assert result.score == plain.score
        assert result.detail["repeated"] == len(again)


# What is a passage, and which is which.


def test_a_passage_is_found_by_id_or_by_its_whole_text():
    context = ("Open\n  Settings.", {"id": 7, "text": "Ask us."}, {"text": "Wait a day."}, {"id": "kb-3", "score": 0.5})
    for expected in ("Open Settings.", 7, "7", "Ask  us.", " Wait a day. ", "kb-3"):
        assert recall_at_k.check(got(*context), value=expected).passed, expected
    for expected in ("open settings.", "Settings.", "Wait", "kb", "0.5"):
        result = recall_at_k.check(got(*context), value=expected)
        assert (result.passed, result.score) == (False, 0), expected


def test_one_passage_may_hold_several_expected_texts():
    answer = got("Open Settings. Press Reset.", "x")
    wanted = ("Open Settings.", "Press Reset.")
    for module in RANKED:
        assert module.check(answer, value=wanted, match="contain", k=1).score == 1, module.__name__
    later = got("x", "Open Settings. Press Reset.")
    assert average_precision.check(later, value=wanted, match="contain").score == 0.5


def test_chunks_of_one_document_count_once_and_others_do_not_vanish():
    answer = got({"id": "d1", "text": "a"}, {"id": "d1", "text": "b"}, {"id": "d2", "text": "c"})
    result = precision_at_k.check(answer, value="d1")
    assert (result.score, result.detail["retrieved"], result.detail["repeated"]) == (0.5, 2, 1)
    assert recall_at_k.check(answer, value=("d1", "b", "c")).score == 1


def test_k_cuts_the_context_as_it_came_before_what_repeats_is_taken_out():
    answer = ids("a", "a", "a", "b")
    result = recall_at_k.check(answer, value=("a", "b"), k=3)
    assert result.detail == {
        "k": 3, "retrieved": 1, "repeated": 2, "found": ["a"], "places": [1], "missing": ["b"],
    }  # fmt: skip
    assert result.reason == "1 of 2 expected passages are in the 1 retrieved; missing: b"
    assert precision_at_k.check(answer, value="a", k=2, threshold=0.5).score == 0.5  # P_k divides by k


def test_an_expected_passage_given_twice_is_one():
    result = recall_at_k.check(ids("a"), value=("a", " a ", "a"))
    assert result.score == 1
    assert ndcg.check(ids("a"), value={"a": 1, "a ": 3, "b": 0}).score == 1


def test_long_names_are_cut_in_reason_and_detail():
    text = "word " * 50_000
    result = recall_at_k.check(got("x"), value=(text, *"abcde"))
    assert len(result.reason) < 200
    assert result.reason.endswith("a, b and 3 more")
    assert len(result.detail["missing"][0]) == 80


def test_nothing_retrieved_is_a_failure_with_score_0_and_says_so(bound, answer):
    for name in ("recall-at-k", "mrr", "ndcg", "average-precision"):
        result = bound({name: "kb-1"}).judge(answer("kb-1"))
        assert (result.outcome, result.score) == (FAIL, 0)
        assert "nothing was retrieved" in result.reason
    assert bound({"precision-at-k": "kb-1"}).judge(answer("kb-1")).outcome is ERROR
    assert bound({"not-precision-at-k": "kb-1"}).judge(answer("kb-1")).outcome is ERROR
    result = bound({"precision-at-k": {"value": "kb-1", "k": 1}}).judge(answer("kb-1"))
    assert (result.outcome, result.score) == (FAIL, 0)


@pytest.mark.parametrize(
    "passage", [{}, {"id": ""}, {"id": None, "score": 1}, None, True, 1.5, ["a"], {"id": ["a"]}, {"text": 3}]
)
def test_what_is_no_passage_is_an_error_with_its_place(bound, answer, passage):
    for entry in ({"recall-at-k": "a"}, {"not-mrr": "a"}, {"context-fresh": {"value": 1, "as_of": "2026-11-30"}}):
        result = bound(entry).judge(answer("", context=({"id": "a"}, passage)))
        assert result.outcome is ERROR
        assert "passage 2 of the context" in result.reason


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"recall-at-k": []}, "the list of expected passages is empty"),
        ({"ndcg": {"value": {}}}, "the list of expected passages is empty"),
        ({"ndcg": {"value": {"a": 0}}}, "the list of expected passages is empty"),
        ({"ndcg": {"value": {"a": -1}}}, "the relevance of 'a' is a number from 0 on, not -1"),
        ({"ndcg": {"value": {"a": "high"}}}, "the relevance of 'a' is a number from 0 on, not 'high'"),
        ({"ndcg": {"value": {"a": True}}}, "a number from 0 on, not True"),
        ({"ndcg": {"kb-1": 3}}, "there is no option 'kb-1'"),
        ({"mrr": ["a", " "]}, "an expected passage is empty"),
        ({"mrr": [["a"]]}, "the value must be"),
        ({"mrr": True}, "no passages are expected\n  hint: give a list of ids or texts as the value, or expected_context"),
        ({"recall-at-k": {"k": 5}}, "no passages are expected"),
        ({"recall-at-k": {"value": "a", "k": 0}}, "`k` is 1 or more, not 0"),
        ({"recall-at-k": {"value": "a", "k": 2.5}}, "`k` must be a whole number"),
        ({"recall-at-k": {"value": "a", "match": "fuzzy"}}, "`match` must be `equal` or `contain`"),
        ({"recall-at-k": {"value": "a", "threshold": 0}}, "`threshold` is above 0 and at most 1, not 0"),
        ({"recall-at-k": {"value": "a", "threshold": 80}}, "`threshold` is above 0 and at most 1, not 80"),
        ({"recall-at-k": {"value": ["a", "b", "c"], "k": 2}}, "`threshold` 1 cannot be reached: with k = 2 the score is 0.667"),
        ({"precision-at-k": {"value": "a", "k": 5}}, "`threshold` 0.5 cannot be reached: with k = 5 the score is 0.2 at most"),
        ({"average-precision": {"value": list("abc"), "k": 1}}, "cannot be reached"),
        ({"context-fresh": True}, "give the greatest age in days, once"),
        ({"context-fresh": {"value": 3, "max_age_days": 3}}, "give the greatest age in days, once"),
        ({"context-fresh": -1}, "never negative"),
        ({"context-fresh": {"value": 1, "as_of": "yesterday"}}, "`as_of` is a date in ISO 8601, not 'yesterday'"),
        ({"context-fresh": {"value": 1, "undated": "skip"}}, "`undated` must be `error` or `pass` or `fail`"),
        ({"context-fresh": {"value": 1, "date_key": ""}}, "`date_key` is empty"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_input_error(bound, entry, message):
    with pytest.raises(InputError) as caught:
        bound(entry)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "valid"),
    [
        ({"recall-at-k": ["a", 7]}, True),
        ({"recall-at-k": {"value": ["a"], "k": 3}}, True),
        ({"ndcg": {"value": {"a": 3, "b": 0.5}}}, True),
        ({"ndcg": {"value": {"a": 3}, "kk": 3}}, False),
        ({"ndcg": {"a": 3}}, False),
        ({"context-fresh": {"max_age_days": 30, "undated": "maybe"}}, False),
    ],
)
def test_the_json_schema_of_an_entry(entry, valid):
    assert (violations(entry_schema(), entry) == ()) == valid


def test_the_expected_passages_may_stand_in_the_metadata_of_each_case(bench, answer):
    text = """
    defaults: {assertions: [{recall-at-k: {k: 3}}, ndcg]}
    cases:
      - {id: one, input: a, metadata: {expected_context: [kb-1, kb-7]}}
      - {id: two, input: b, metadata: {expected_context: {kb-2: 3}}}
      - {id: three, input: c, metadata: {expected_context: [{id: kb-2}]}}
    """
    cases = parse_golden(Blob("golden/set.yaml", text.encode())).cases
    source = Source("golden/set.yaml")
    given = answer("", context=({"id": "kb-7"}, {"id": "kb-1"}))
    one, two = ([bind(spec, bench, source, case) for spec in case.assertions] for case in cases[:2])
    assert [bound.judge(given).outcome for bound in one] == [PASS, PASS]
    assert [bound.judge(given).outcome for bound in two] == [FAIL, FAIL]
    assert one[0].digest != two[0].digest  # what decides is in the digest, though the assertion is one for both
    with pytest.raises(InputError, match="an expected passage is an id or a text"):
        bind(cases[2].assertions[0], bench, source, cases[2])


# Freshness.


@pytest.mark.parametrize(
    ("passage", "now", "outcome"),
    [
        ({"date": "2026-10-31"}, "2026-11-30T23:59:00Z", PASS),  # a date alone: calendar days, 30
        ({"date": "2026-10-31T23:59:00Z"}, "2026-11-30T23:59:00Z", PASS),
        ({"date": "2026-10-31T23:58:59Z"}, "2026-11-30T23:59:00Z", FAIL),
        ({"date": "2026-10-31T23:58:59"}, "2026-11-30T23:59:00", FAIL),  # no zone is UTC
        ({"date": "2026-11-01T01:00:00+02:00"}, "2026-12-01", FAIL),  # still 31 October in UTC
        ({"date": "2026-10-31T23:00:00-02:00"}, "2026-12-01", PASS),  # already 1 November in UTC
        ({"date": "2026-12-01T10:00:00Z"}, "2026-11-30T12:00:00Z", PASS),  # within a day's skew
        ({"date": "2026-12-01T12:00:01Z"}, "2026-11-30T12:00:00Z", ERROR),
        ({"published_at": "2019-01-01", "updated_at": "2026-11-01"}, "2026-11-30", PASS),
        ({"updated_at": "2019-01-01", "date": "2026-11-01"}, "2026-11-30", PASS),
        ({"date": None, "published_at": "2019-01-01"}, "2026-11-30", FAIL),
        ({"date": 1764460800}, "2026-11-30", ERROR),
        ({"date": ""}, "2026-11-30", ERROR),
        ({"date": "30.11.2026"}, "2026-11-30", ERROR),
    ],
)
def test_freshness(bound, answer, passage, now, outcome):
    given = answer("", context=({"id": "kb-1", **passage},), received_at=now)
    result = bound({"context-fresh": {"max_age_days": 30}}).judge(given)
    assert result.outcome is outcome, result.reason
    inverted = {PASS: FAIL, FAIL: PASS, ERROR: ERROR}[outcome]
    assert bound({"not-context-fresh": 30}).judge(given).outcome is inverted


def test_stale_passages_are_named_with_their_age_also_where_others_have_no_date(bound, answer):
    context = ({"id": "kb-1", "date": "2026-11-29"}, {"id": "kb-7", "updated_at": "2026-08-22"}, "no date here")
    given = answer("", context=context, received_at="2026-11-30T10:00:00.000Z")
    result = bound({"context-fresh": 30}).judge(given)
    assert (result.outcome, result.score) == (FAIL, pytest.approx(2 / 3))
    assert result.reason == "1 of 3 passages is older than 30 days on 2026-11-30T10:00:00.000Z: kb-7 (100 days)"
    assert result.detail == {
        "as_of": "2026-11-30T10:00:00.000Z", "max_age_days": 30, "passages": 3,
        "stale": [{"passage": "kb-7", "date": "2026-08-22", "age_days": 100}], "undated": ["no date here"],
    }  # fmt: skip
    json.dumps(dict(result.detail), allow_nan=False)
    failing = bound({"context-fresh": {"value": 365, "undated": "fail"}}).judge(given)
    assert (failing.outcome, failing.reason) == (FAIL, "no date here has no date")
    assert bound({"context-fresh": {"value": 365, "undated": "pass"}}).judge(given).outcome is PASS
    assert bound({"context-fresh": 365}).judge(given).outcome is ERROR


def test_a_replay_is_as_fresh_as_the_answer_was(bound, answer):
    """The moment is the answer's own; where it has none, nobody's clock is read in its place."""
    context = ({"id": "a", "date": "2020-01-01"},)
    fresh = bound({"context-fresh": 30})
    assert fresh.judge(answer("", context=context, received_at="2020-01-15T00:00:00Z")).outcome is PASS
    result = fresh.judge(answer("", context=context))
    assert result.outcome is ERROR
    assert "`as_of: DATE` says at which date to look" in result.reason
    dated = bound({"context-fresh": {"value": 30, "as_of": "2026-11-30"}})
    assert dated.judge(answer("", context=context, received_at="2020-01-15T00:00:00Z")).outcome is FAIL


# Load.


def test_a_context_of_a_megabyte_is_quick(bound, answer):
    """One passage of 1 MB, and 10,000 small ones, each against 500 expected: tenths of a second; comparing each with each takes minutes."""
    wanted = [f"kb-{at}" for at in range(0, 1000, 2)]
    many = tuple({"id": f"kb-{at}", "text": f"Passage {at} " * 4, "date": "2026-11-29"} for at in range(10_000))
    huge = ({"id": "kb-0", "text": "ab " * 350_000, "date": "2026-11-29"},)
    repeated = ("the same text " * 5,) * 10_000
    for context in (many, huge, repeated):
        given = answer("", context=context)
        began = time.perf_counter()
        for name in ("precision-at-k", "ndcg"):
            result = bound({name: wanted}).judge(given)
            assert result.outcome in (PASS, FAIL)
        bound({"recall-at-k": {"value": ["a" * 500_000 + "b", "ba " * 1000], "match": "contain"}}).judge(given)
        bound({"context-fresh": {"value": 30, "as_of": "2026-11-30", "undated": "fail"}}).judge(given)
        assert time.perf_counter() - began < 20
    assert math.isclose(
        bound({"recall-at-k": {"value": wanted, "k": 500}, "threshold": 0.5}).judge(answer("", context=many)).score, 0.5
    )
