"""The Caller: where answers come from, in which order, what is kept, and what a failure does to the next call."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from promptctl.adapters.budget import Budget
from promptctl.adapters.cache import Cache
from promptctl.adapters.caller import Answers, Caller, CallEvent
from promptctl.adapters.estimate import Estimate
from promptctl.adapters.flight import Flights
from promptctl.adapters.leaks import Leaks
from promptctl.adapters.limits import Limits
from promptctl.adapters.live import Live, redirected
from promptctl.adapters.retry import Deadline, Retry
from promptctl.adapters.traces import About, TraceWriter, read_traces
from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion, Request, Source
from promptctl.text.wire import chat_request

PINNED, FALLBACK = "openai/m-2024-01-01", "anthropic/f-20250101"


class Models:
    """A provider written by hand: what each model does, and what it was asked."""

    def __init__(self, behaviour: Mapping[str, Callable[[], Completion]] | None = None) -> None:
        self.behaviour = dict(behaviour or {})
        self.asked: list[str] = []
        self.latency_s = 0.005

    async def send(self, request: Request, *, timeout_s: float, stream: bool = False, sample: int = 0) -> Completion:
        self.asked.append(request.model)
        await asyncio.sleep(self.latency_s)
        act = self.behaviour.get(request.model)
        return (
            act()
            if act
            else Completion(output=f"{request.model} {sample}", cost_usd=0.01, input_tokens=5, output_tokens=5)
        )


def failing(
    kind: str = "server", status: int = 500, *, retryable: bool = True, aborts: bool = False
) -> Callable[[], Completion]:
    def fail() -> Completion:
        raise CallFailed(f"{kind} {status}", kind=kind, status=status, retryable=retryable, aborts=aborts)

    return fail


def question(text: str = "q", model: str = PINNED) -> Request:
    return chat_request(model=model, messages=({"role": "user", "content": text},), parameters={"max_tokens": 5})


class Bench:
    """Everything a Caller needs, in a folder; `caller()` is a new process in all but name."""

    def __init__(self, folder: Path) -> None:
        self.models = Models()
        self.cache = Cache(folder / "cache.sqlite", pytest.fail)
        self.traces = folder / "traces.jsonl"
        self.events: list[CallEvent] = []
        self.recorded: dict[tuple[str, int], Completion] = {}
        self.writers: list[TraceWriter] = []

    def caller(
        self,
        *,
        offline: bool = False,
        refresh: bool = False,
        record: bool = False,
        retries: int = 1,
        max_usd: float | None = None,
        abouts: Mapping[str, About] | None = None,
        total_s: float | None = None,
        timeout_s: float = 30,
        cache: Cache | None = None,
    ) -> Caller:
        answers = Answers(cache or self.cache, self.recorded, offline=offline, refresh=refresh)
        deadline = Deadline(total_s, time.monotonic(), time.monotonic)
        live = Live(
            send=self.models.send,
            keep=answers.keep,
            limits=Limits(64, {}, time.monotonic),
            budget=Budget(max_usd),
            retry=Retry(retries, deadline, lambda: 0.0),
            estimate=lambda _request: Estimate(10, 0.02),
            timeout_s=timeout_s,
        )
        self.writers.append(TraceWriter(self.traces, Leaks({"MY_KEY": "the-secret-value"}), pytest.fail))
        return Caller(
            answers=answers,
            flights=Flights(cache or self.cache, 30),
            live=live,
            traces=self.writers[-1],
            abouts=abouts or {},
            record=record,
            on_event=self.events.append,
        )

    def close(self) -> None:
        self.cache.close()
        for writer in self.writers:
            writer.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def ask(caller: Caller, *requests: Request, sample: int = 0) -> list[Completion | CallFailed]:
    async def scene() -> list[Completion | CallFailed]:
        results = await asyncio.gather(*(caller(request, sample) for request in requests), return_exceptions=True)
        for result in results:
            assert isinstance(result, Completion | CallFailed), result
        return results  # type: ignore[return-value]

    return asyncio.run(scene())


def only(results: list[Completion | CallFailed]) -> Completion:
    assert isinstance(results[0], Completion), results
    return results[0]


def failure(results: list[Completion | CallFailed]) -> CallFailed:
    assert isinstance(results[0], CallFailed), results
    return results[0]


# Where an answer comes from.


def test_what_was_paid_for_is_not_asked_again(bench: Bench) -> None:
    first = only(ask(bench.caller(), question()))
    again = only(ask(bench.caller(), question()))
    assert (first.source, again) == (Source.LIVE, replace(first, source=Source.CACHED))
    assert only(ask(bench.caller(), question(), sample=1)).source is Source.LIVE
    assert len(bench.models.asked) == 2
    assert [event.kind for event in bench.events] == ["live", "cached", "live"]
    assert [event.cost_usd for event in bench.events] == [0.01, 0, 0.01]


def test_the_same_question_at_once_is_paid_once(bench: Bench) -> None:
    caller = bench.caller()
    results = ask(caller, *[question()] * 10)
    assert len(bench.models.asked) == 1
    assert (caller.counters.live, caller.counters.cached) == (1, 9)
    assert caller.counters.cost_usd == pytest.approx(0.01)
    assert len({only([result]).output for result in results}) == 1


def test_look_up_is_cache_then_recordings_then_live(bench: Bench) -> None:
    key = (question().digest, 0)
    bench.recorded[key] = Completion(output="recorded", source=Source.RECORDED, cost_usd=7, latency_s=3)
    found = only(ask(bench.caller(), question()))
    assert (found.output, found.source, found.cost_usd, found.latency_s) == ("recorded", Source.RECORDED, 7, 3)
    bench.cache.put(*key, Completion(output="cached"))
    assert only(ask(bench.caller(), question())).source is Source.CACHED
    assert only(ask(bench.caller(offline=True), question())).source is Source.RECORDED
    refreshed = only(ask(bench.caller(refresh=True), question()))
    assert refreshed.source is Source.LIVE
    assert only(ask(bench.caller(), question())).output == refreshed.output
    assert len(bench.models.asked) == 1


def test_a_refreshing_run_asks_each_question_once(bench: Bench) -> None:
    caller = bench.caller(refresh=True)
    ask(caller, question())
    assert only(ask(caller, question())).source is Source.CACHED
    assert len(bench.models.asked) == 1


def test_what_was_read_ahead_gives_way_to_what_was_asked_anew(bench: Bench) -> None:
    key = (question().digest, 0)
    bench.cache.put(*key, Completion(output="old"))
    answers = Answers(bench.cache, {}, refresh=True, ahead=bench.cache.get_many([key]))
    assert answers.find(question(), 0) is None
    answers.keep(question(), 0, Completion(output="new"))
    found = answers.find(question(), 0)
    assert found is not None
    assert found.output == "new"


def test_offline_takes_the_cache_after_the_recordings_and_never_asks(bench: Bench) -> None:
    bench.cache.put(question().digest, 0, Completion(output="cached"))
    assert only(ask(bench.caller(offline=True), question())).source is Source.CACHED
    about = About("support-bot", "1.0.0", "p", "reset-password")
    missing = question("not recorded")
    failed = failure(ask(bench.caller(offline=True, refresh=True, abouts={missing.digest: about}), missing))
    assert failed.kind == "recording_missing"
    assert "case 'reset-password' of support-bot, sample 0" in failed.message
    assert "--record" in failed.message
    assert bench.models.asked == []


def test_without_a_usable_cache_answers_last_for_the_run(bench: Bench) -> None:
    nowhere = Cache(None, pytest.fail)
    caller = bench.caller(cache=nowhere)
    ask(caller, question())
    assert only(ask(caller, question())).source is Source.CACHED
    assert only(ask(bench.caller(cache=nowhere), question())).source is Source.LIVE


def test_recording_takes_answers_from_everywhere_for_the_case_they_are_for(bench: Bench) -> None:
    a, b = question("a"), question("b")
    bench.cache.put(a.digest, 0, Completion(output="cached"))
    abouts = {a.digest: About("bot", None, "p", "case-a"), b.digest: About("bot", None, "p", "case-b")}
    caller = bench.caller(record=True, abouts=abouts)

    async def scene() -> None:
        await caller(a, 0)
        await caller(question("a judge asks"), 0)  # unplanned: it belongs to the case this task is at work on
        await asyncio.create_task(caller(b, 0))

    asyncio.run(scene())
    assert [(one.case, one.completion.source) for one in caller.recordings.values()] == [
        ("case-a", Source.CACHED),
        ("case-a", Source.LIVE),
        ("case-b", Source.LIVE),
    ]


# Failures.


def test_a_failure_is_tried_again_counted_and_not_stored(bench: Bench) -> None:
    outcomes = iter([failing(), failing()])
    bench.models.behaviour[PINNED] = lambda: next(outcomes)()
    failed = failure(ask(bench.caller(), question()))
    assert (failed.attempts, failed.kind) == (2, "server")
    del bench.models.behaviour[PINNED]
    assert only(ask(bench.caller(), question())).attempts == 1


@pytest.mark.parametrize(
    ("kind", "status", "other_model_asked"),
    [("auth", 401, False), ("quota", 429, False), ("not_found", 404, True), ("auth", 403, True)],
)
def test_after_a_failure_all_calls_would_share_none_is_made(
    bench: Bench, kind: str, status: int, other_model_asked: bool
) -> None:
    bench.models.behaviour[PINNED] = failing(kind, status, retryable=False, aborts=True)
    caller = bench.caller()
    first = failure(ask(caller, question()))
    later = failure(ask(caller, question("another")))
    assert (later.message, later.kind, later.aborts) == (first.message, kind, True)
    assert bench.models.asked == [PINNED]
    ask(caller, question(model="openai/other"))
    assert ("openai/other" in bench.models.asked) is other_model_asked
    assert only(ask(caller, question(model=FALLBACK)))


def test_a_fallback_answers_only_when_asking_again_did_not_help_and_is_marked(bench: Bench) -> None:
    bench.models.behaviour[PINNED] = failing()
    abouts = {question().digest: About("bot", None, "p", "c", fallbacks=("gemini/down", FALLBACK))}
    bench.models.behaviour["gemini/down"] = failing("bad_request", 400, retryable=False)
    answer = only(ask(bench.caller(abouts=abouts), question()))
    assert (answer.fallback, answer.output) == (True, f"{FALLBACK} 0")
    assert bench.models.asked == [PINNED, PINNED, "gemini/down", FALLBACK]
    # It is stored as what it is: the other model's answer. The pinned model is asked anew, the fallback is not.
    again = only(ask(bench.caller(abouts=abouts), question()))
    assert (again.fallback, again.source) == (True, Source.CACHED)
    assert bench.models.asked.count(FALLBACK) == 1
    stored = bench.cache.get(redirected(question(), FALLBACK, None).digest, 0)
    assert stored is not None
    assert not stored.fallback
    assert bench.cache.get(question().digest, 0) is None


@pytest.mark.parametrize(("kind", "status"), [("bad_request", 400), ("auth", 401)])
def test_a_bad_request_or_key_never_leads_to_a_fallback(bench: Bench, kind: str, status: int) -> None:
    bench.models.behaviour[PINNED] = failing(kind, status, retryable=False, aborts=kind == "auth")
    abouts = {question().digest: About("bot", None, "p", "c", fallbacks=(FALLBACK,))}
    assert failure(ask(bench.caller(abouts=abouts), question())).status == status
    assert FALLBACK not in bench.models.asked


def test_at_concurrency_64_the_budget_is_never_passed_and_finished_work_is_kept(bench: Bench) -> None:
    caller = bench.caller(max_usd=0.155)
    results = ask(caller, *(question(str(n)) for n in range(64)))
    answered = [result for result in results if isinstance(result, Completion)]
    assert sum(answer.cost_usd or 0 for answer in answered) <= 0.155
    # Each call costs half of its worst case: as answers come in, what they gave back is used.
    assert len(answered) == len(bench.models.asked) == 14
    assert {failed.kind for failed in results if isinstance(failed, CallFailed)} == {"budget"}
    assert bench.cache.size().answers == 14


def test_a_call_that_hangs_is_cut_off_and_counts_at_its_worst(bench: Bench) -> None:
    bench.models.latency_s = 60
    caller = bench.caller(total_s=0.1)
    failed = failure(ask(caller, question()))
    assert (failed.kind, "total time" in failed.message) == ("timeout", True)
    assert caller.live.budget.spent_usd == pytest.approx(0.02)


def test_the_total_time_also_ends_the_wait_for_another_process(bench: Bench) -> None:
    assert bench.cache.claim(question().digest, 0, "another machine|boot|ns|1|2|x", 60, lambda _owner: False)
    assert "total time" in failure(ask(bench.caller(total_s=0.1), question())).message
    assert bench.models.asked == []


def test_a_cancelled_run_keeps_what_has_come_in(bench: Bench) -> None:
    caller = bench.caller()

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            done = [group.create_task(caller(question(str(n)), 0)) for n in range(3)]
            await asyncio.wait(done)
            bench.models.latency_s = 60
            hanging = group.create_task(caller(question("slow"), 0))
            await asyncio.sleep(0.01)
            hanging.cancel()

    asyncio.run(scene())
    assert bench.cache.size().answers == 3
    bench.models.latency_s = 0
    assert only(ask(bench.caller(), question("slow"))).source is Source.LIVE


# Traces.


def test_every_call_is_one_line_with_the_names_of_opentelemetry(bench: Bench) -> None:
    about = About("bot", "1.2.0", "pd", "case-1")
    request = replace(question("the-secret-value"), endpoint="http://127.0.0.1:8080/v1")
    bench.models.behaviour[PINNED] = lambda: Completion(
        output="a", model="m-2024-01-01", finish_reason="stop", input_tokens=9, output_tokens=2, cached_tokens=4, cost_usd=0.5,
        first_token_s=0.1, latency_s=0.2,
    )  # fmt: skip
    ask(bench.caller(abouts={request.digest: about}), request)
    bench.models.behaviour[PINNED] = failing("rate_limit", 429)
    ask(bench.caller(retries=2), question("other"))
    ask(bench.caller(), request)
    live, failed, cached = read_traces(bench.traces)
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m-2024-01-01",
        "gen_ai.request.max_tokens": 5,
        "gen_ai.response.model": "m-2024-01-01",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.1,
        "gen_ai.usage.input_tokens": 9,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "server.address": "127.0.0.1",
        "server.port": 8080,
        "promptctl.prompt.name": "bot",
        "promptctl.prompt.version": "1.2.0",
        "promptctl.prompt.digest": "pd",
        "promptctl.case": "case-1",
        "promptctl.sample": 0,
        "promptctl.cost_usd": 0.5,
        "promptctl.attempts": 1,
        "promptctl.source": "live",
    }
    assert {name: live[name] for name in expected} == expected
    assert live["gen_ai.input.messages"] == [{"role": "user", "parts": [{"type": "text", "content": "[key removed]"}]}]
    assert live["gen_ai.output.messages"][0]["parts"] == [{"type": "text", "content": "a"}]
    assert (failed["error.type"], failed["http.response.status_code"], failed["promptctl.attempts"]) == (
        "rate_limit",
        429,
        3,
    )
    assert cached["promptctl.source"] == "cached"
    assert "gen_ai.input.messages" not in cached
    assert "the-secret-value" not in bench.traces.read_text()
    assert all(json.loads(line) for line in bench.traces.read_text().splitlines())
