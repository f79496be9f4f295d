"""Contradictions are certain: where one is claimed, no answer of a whole small world passes both."""

from __future__ import annotations

import json
from functools import cache
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.assertions.engine import bind
from promptctl.model.answer import Answer, Bench
from promptctl.model.golden import Case
from promptctl.model.run import Outcome
from promptctl.model.source import Blob
from promptctl.rules.golden.reading.contradiction import conflicts
from promptctl.rules.golden.reading.demands import binding
from promptctl.text.golden import parse_golden

WORLD = ["".join(letters) for length in range(7) for letters in product("aB ", repeat=length)]
BENCH = Bench(read=lambda _path: b"")

_text = st.text(alphabet="aAbB ", min_size=1, max_size=3).filter(str.strip)
_texts = st.lists(_text, min_size=1, max_size=2)
_plain = st.one_of(
    st.tuples(st.sampled_from(["contains", "icontains", "starts-with", "ends-with", "equals"]), _text),
    st.tuples(st.sampled_from(["contains-any", "icontains-any", "contains-all", "icontains-all"]), _texts),
    st.tuples(st.just("word-count"), st.one_of(st.integers(0, 3), st.builds(lambda n: {"min": n}, st.integers(0, 3)),
                                               st.builds(lambda n: {"max": n}, st.integers(0, 3)))),
)  # fmt: skip
_assertion = st.builds(lambda negated, pair: {f"{'not-' * negated}{pair[0]}": pair[1]}, st.booleans(), _plain)
_item = st.one_of(_assertion, st.builds(lambda members: {"all": members}, st.lists(_assertion, min_size=1, max_size=2)))


@cache
def case_of(text: str) -> Case:
    line = json.dumps({"id": "a", "assertions": json.loads(text)})
    return parse_golden(Blob("golden/a.jsonl", line.encode())).cases[0]


def passing(case: Case) -> str | None:
    source = parse_golden(Blob("golden/a.jsonl", b'{"id": "a"}')).source
    bound = [bind(spec, BENCH, source, case) for spec in case.assertions]
    for output in WORLD:
        if all(one.judge(Answer(output=output)).outcome is Outcome.PASS for one in bound):
            return output
    return None


@settings(max_examples=300, deadline=None)
@given(st.lists(_item, min_size=2, max_size=3))
def test_where_a_contradiction_is_claimed_no_answer_passes(items: list[dict[str, object]]) -> None:
    case = case_of(json.dumps(items))
    found = list(conflicts(list(binding(case))))
    if found:
        output = passing(case)
        assert output is None, (output, [(one.one.spelling, one.other.spelling, one.why) for one in found])
