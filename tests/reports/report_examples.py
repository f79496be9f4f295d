"""Frozen reports of every kind, made as the verbs make them."""

from __future__ import annotations

from dataclasses import replace

from promptctl.model.finding import Finding, Report, RuleInfo, Section, Severity, Table
from promptctl.model.run import (
    AssertionResult,
    CallRecord,
    Completion,
    Latency,
    Outcome,
    PromptRun,
    Provenance,
    Run,
    SampleResult,
    Source,
    Summary,
    ToolCall,
)
from promptctl.reports.build import of_findings, of_run

PASSED = AssertionResult("contains", Outcome.PASS, 1.0, "the output contains 'Settings'", "d1")
MISSING = AssertionResult(
    "contains", Outcome.FAIL, 0.0, "the output does not contain 'Settings > Security > Reset Password'", "d2"
)
PRICE = AssertionResult("not-contains-any", Outcome.FAIL, 0.0, "the output contains '$'", "d3", name="no-prices")
GROUP = AssertionResult("all", Outcome.FAIL, 0.5, "1 of 2 failed", "d4", children=(PASSED, PRICE))
JUDGE = AssertionResult(
    "judge",
    Outcome.ERROR,
    None,
    "the judge gave no verdict: its answer is not JSON",
    "d5",
    calls=(CallRecord("j1", "openai/gpt-4o-2024-08-06", 0.004, 900, 20, Source.LIVE),),
)
LONG_ANSWER = (
    "I am sorry to hear that you cannot sign in to your account any longer. Let me walk you through the steps that "
    "usually help in this situation.\n\n"
    + "\n".join(f"{n}. Step number {n}: open the page, wait for it to load, then try once more." for n in range(1, 15))
    + "\n\nIf nothing of this helps, the premium plan at $ 49 a month comes with a telephone number."
)
HOSTILE_ANSWER = (
    "\x1b[31mred\x1b[0m \u202egnihton\u202c\n::error::injected\n##vso[task.complete result=Succeeded;]\n"
    "```\n</details><script>alert(1)</script> | a | b | @admin #1 [x](https://evil.example) ]]> \ud800\n"
    "日本語のとても長い答え、改行なしで続く文章がここにあります。そしてまだまだ続きます、終わりはまだ見えません。"
)


def answer(output: str, **changes: object) -> Completion:
    completion = Completion(
        output=output,
        model="gpt-4o-2024-08-06",
        finish_reason="stop",
        input_tokens=420,
        output_tokens=96,
        cost_usd=0.00201,
        latency_s=0.82,
    )
    return replace(completion, **changes)


def sample(case: str, outcome: Outcome, **changes: object) -> SampleResult:
    result = SampleResult(
        prompt="support-bot",
        case=case,
        case_digest=f"c-{case}",
        request_digest=f"r-{case}",
        sample=0,
        tags=(),
        outcome=outcome,
        score={Outcome.PASS: 1.0, Outcome.FAIL: 0.0}.get(outcome),
        error=None,
        assertions=(PASSED,) if outcome is Outcome.PASS else (),
        completion=answer("Open Settings > Security > Reset Password."),
    )
    return replace(result, **changes)


LIMITED = "the provider answered 429 five times; raise eval.retries or lower providers.openai.rpm"
RESULTS = (
    sample("reset-password", Outcome.PASS, tags=("critical",)),
    sample("change-mail", Outcome.PASS, completion=answer("Settings > Mail", source=Source.CACHED)),
    sample(
        "cannot-sign-in",
        Outcome.FAIL,
        score=0.25,
        assertions=(MISSING, PASSED, GROUP),
        completion=answer(LONG_ANSWER, source=Source.CACHED, latency_s=2.41),
    ),
    sample("hostile", Outcome.FAIL, tags=("critical",), assertions=(PRICE,), completion=answer(HOSTILE_ANSWER)),
    sample(
        "wrong-tool",
        Outcome.FAIL,
        assertions=(AssertionResult("tool-call", Outcome.FAIL, 0.0, "refund was called, lookup was expected", "d6"),),
        completion=answer("", tool_calls=(ToolCall("refund", '{"order": 7}'),), source=Source.RECORDED),
    ),
    sample("flaky", Outcome.PASS, sample=0, pass_if="majority"),
    sample("flaky", Outcome.FAIL, sample=1, pass_if="majority", assertions=(MISSING,), completion=answer("No.")),
    sample("flaky", Outcome.PASS, sample=2, pass_if="majority"),
    *(
        sample(f"limited-{n}", Outcome.ERROR, assertions=(), completion=None, error=LIMITED, error_kind="rate_limit")
        for n in range(1, 8)
    ),
    sample("unjudged", Outcome.ERROR, assertions=(PASSED, JUDGE), completion=answer("Certainly!")),
)
SUMMARY = Summary(
    cases=14,
    samples=16,
    passed=3,
    failed=3,
    errored=8,
    pass_rate=3 / 14,
    pass_rate_interval=(0.0757, 0.4759),
    metrics={"score": 0.6944, "pass_rate[critical]": 0.5},
    cost_usd=0.01809,
    judge_cost_usd=0.004,
    unpriced=(),
    input_tokens=3780,
    output_tokens=864,
    latency_s=Latency(p50=0.82, p95=2.41),
    completions={"live": 6, "cached": 2, "recorded": 1, "given": 0},
)
RUN = Run(
    id="20261120-101500-4f2a",
    status="complete",
    provenance=Provenance(
        promptctl="0.1.0",
        litellm="1.105.3",
        commit="0123456789abcdef0123456789abcdef01234567",
        dirty=True,
        started_at="2026-11-20T10:15:00Z",
        duration_s=6.4,
    ),
    summary=SUMMARY,
    prompts=(
        PromptRun(
            name="support-bot",
            version="2.1.0",
            path="prompts/support-bot.yaml",
            model="openai/gpt-4o-2024-08-06",
            prompt_digest="p1",
            golden_digest="g1",
            summary=SUMMARY,
        ),
    ),
    results=RESULTS,
)
GREEN_SUMMARY = replace(
    SUMMARY, cases=2, samples=2, passed=2, failed=0, errored=0, pass_rate=1.0, pass_rate_interval=(0.3424, 1.0),
    metrics={"score": 1.0}, cost_usd=0.00402, judge_cost_usd=None, input_tokens=840, output_tokens=192,
    latency_s=Latency(p50=0.82, p95=0.82), completions={"live": 1, "cached": 1, "recorded": 0, "given": 0},
)  # fmt: skip
GREEN = replace(
    RUN,
    summary=GREEN_SUMMARY,
    prompts=(
        replace(RUN.prompts[0], summary=GREEN_SUMMARY),
        replace(RUN.prompts[0], name="router", version=None, path="prompts/router.yaml", summary=GREEN_SUMMARY),
    ),
    results=(RESULTS[0], RESULTS[1]),
)
NOTHING = Summary(cases=0, samples=0, passed=0, failed=0, errored=0, pass_rate=None, pass_rate_interval=None)
EMPTY = replace(RUN, summary=NOTHING, prompts=(), results=())

PROMPT_TEXT = (
    "name: support-bot\n"
    "version: 2.1.0\n"
    "model: openai/gpt-4o\n"
    'description: "日本語 😀 support"\n'
    "\tsystem_prompt: tab\n" + "user_prompt: " + "very long " * 30 + "{{ qestion }} " + "and more " * 20 + "\n"
)
FINDINGS = (
    Finding(
        "PL101",
        "unpinned-model",
        Severity.ERROR,
        "`openai/gpt-4o` is an alias: the provider may change what it means",
        path="prompts/support-bot.yaml",
        line=3,
        column=8,
        end_column=21,
        hint="use openai/gpt-4o-2024-08-06",
        fingerprint="f1",
    ),
    Finding(
        "PL204", "odd-text", Severity.WARNING, "the description mixes scripts", path="prompts/support-bot.yaml",
        line=4, column=19, end_column=20,
    ),
    Finding(
        "PL301", "undefined-name", Severity.ERROR, "`qestion` is not an input", path="prompts/support-bot.yaml",
        line=6, column=317, end_column=324, hint="did you mean `question`?",
    ),
    Finding("PL900", "no-golden-set", Severity.INFO, "[x](https://evil.example) ::error::x\nsecond line"),
    Finding(
        "PL001", "unreadable", Severity.ERROR, "not UTF-8", path="golden/naïve set,1:2.yaml", line=1, column=5,
    ),
    Finding(
        "PL001", "unreadable", Severity.ERROR, "not UTF-8", path="golden/naïve set,1:2.yaml", line=9, column=5,
    ),
)  # fmt: skip
RULES = (
    RuleInfo(
        "PL101",
        "unpinned-model",
        Severity.ERROR,
        summary="A model is named by an alias.",
        explanation="## Why\n\nAn alias moves.",
    ),
)
DIFF_TEXT = "@@ system prompt @@\n You are a support agent.\n-Never quote prices.\n+Be brief.\n ::error::x\n"


def reports() -> dict[str, Report]:
    """A report of every kind and outcome."""
    lint_data = {
        "version": 1,
        "kind": "lint",
        "findings": [{"rule": one.rule, "message": one.message, "path": one.path} for one in FINDINGS],
        "summary": {"error": 4, "warning": 1, "info": 1},
    }
    return {
        "run": of_run(RUN, notes=("the price of `openai/gpt-4o` is of 2026-11-01",)),
        "run-green": of_run(GREEN),
        "run-empty": of_run(EMPTY),
        "lint": of_findings(
            FINDINGS,
            data=lint_data,
            checked=("prompts/support-bot.yaml", "prompts/router.yaml", "golden/naïve set,1:2.yaml"),
            sources={"prompts/support-bot.yaml": PROMPT_TEXT},
            rules=RULES,
        ),
        "lint-clean": of_findings((), data={**lint_data, "findings": []}, checked=("prompts/router.yaml",)),
        "diff": of_findings(
            FINDINGS[1:2],
            kind="diff",
            data={"version": 1, "kind": "diff", "findings": [], "summary": {}},
            sections=(Section("support-bot: system prompt", DIFF_TEXT, style="diff"),),
            tables=(
                Table(
                    "Tokens",
                    ("Case", "Before", "After"),
                    (("reset-password", "420", "398"),),
                    ("left", "right", "right"),
                ),
            ),
            summary=(("suggested version", "2.2.0"),),
        ),
    }
