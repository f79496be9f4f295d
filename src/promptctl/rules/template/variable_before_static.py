"""What changes with every request, before what never does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promptctl.model.finding import Severity
from promptctl.model.prompt import Json, Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.pieces import Piece, pieces
from promptctl.rules.template.reading.written import Written, page_of, place, written_in

SHORTEST = 1024
"""Tokens: the shortest prefix OpenAI and Anthropic (most models) keep; Gemini's is the same or longer.
https://platform.openai.com/docs/guides/prompt-caching, https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching"""
_LEAST_CHARACTERS = 2 * SHORTEST  # no text of fewer characters has that many tokens, save in rare scripts
_CALLS = 1000


@dataclass(frozen=True, slots=True)
class _Layout:
    """The first input a prompt writes out, and all constant text after it."""

    first: tuple[Written, Piece]
    after: str


@rule("PL211", Severity.INFO, Subject.PROMPT)
def variable_before_static(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """An input stands before a long constant text.

    Why: providers keep the beginning of a request that they have seen before, and charge a half to a tenth for it.
    The beginning ends where two requests differ: at the first input. Constant text that follows (rules, examples) is paid
    in full every time. Reported where 1,024 tokens or more could be kept and are not, and the model's price map
    does not say that it has no such cache. The hint prices it.

    Bad:
    ```yaml
    # file: prompts/example.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {customer: {type: string, maxLength: 60}, question: {type: string}}
    system_prompt: |
      You are talking to {{ customer }}. These are our prices:
      {% include "shared/prices.txt" %}
    user_prompt: "{{ question }}"
    # file: shared/prices.txt
    H85-3: 48.87; P90-2: 78.11; P43-4: 25.70; R80-8: 51.91; E39-3: 67.59; X11-2: 21.85; B48-1: 35.70; T59-7: 51.83; O27-6: 13.14
    E73-4: 34.96; N90-5: 54.74; M83-6: 69.84; N84-4: 44.97; A45-3: 90.51; R83-2: 92.93; G91-5: 37.25; C71-8: 12.54; Z18-7: 20.12
    J64-7: 16.15; T88-1: 49.85; K80-5: 65.40; B49-1: 10.23; T78-1: 26.62; J88-5: 20.98; B53-6: 47.27; M58-8: 67.59; U86-2: 80.74
    I65-4: 39.65; I76-5: 71.53; A63-6: 3.58; T85-3: 8.91; U52-8: 46.96; L87-5: 95.72; A85-1: 87.12; L42-8: 39.85; T50-3: 47.33
    K57-5: 39.58; D13-3: 40.74; H93-5: 31.51; F96-7: 84.22; D86-6: 43.96; H66-3: 11.53; X93-4: 73.67; I38-2: 5.77; G50-3: 36.53
    Z92-2: 80.54; S26-7: 38.76; Z44-8: 45.91; N47-7: 73.62; B62-3: 26.10; P89-7: 72.38; B68-5: 70.53; H18-5: 16.41; B14-4: 56.83
    B11-8: 96.25; F74-5: 31.94; A77-7: 7.88; D53-3: 33.79; P17-6: 29.35; D78-2: 22.40; Z45-3: 1.72; U83-7: 7.44; H44-7: 7.70
    K10-1: 17.15; D16-2: 62.14; W21-8: 41.30; K19-6: 50.92; M85-5: 47.43; G52-7: 16.26; R10-7: 11.82; F15-6: 59.87; U79-7: 82.15
    T65-1: 48.90; P50-7: 89.63; O12-4: 28.78; I98-2: 55.38; N26-1: 42.57; R43-2: 60.98; D94-7: 86.23; X50-2: 76.10; P28-4: 50.15
    Q21-2: 85.58; F13-6: 16.13; D96-8: 90.46; S48-2: 5.82; Q77-4: 14.80; X22-1: 71.51; S33-2: 31.33; U41-8: 79.60; I57-7: 45.81
    N20-7: 65.40; N30-7: 89.82; Y84-8: 20.92; M29-3: 13.73; X71-8: 76.33; E44-4: 19.84; Q50-4: 89.78; Y47-7: 77.84; S44-4: 40.12
    I71-7: 26.32; S56-4: 42.71; Y28-7: 90.71; W86-4: 60.84; U81-1: 62.19; M15-8: 30.40; U96-2: 28.42; H34-5: 18.33; T96-1: 33.31
    B50-3: 55.21; X20-2: 12.43; J14-6: 58.84; X96-6: 1.13; K52-7: 49.72; C36-8: 51.26; R50-2: 36.19; V65-2: 57.77; I22-6: 87.57
    Y67-5: 85.96; V93-5: 14.53; V82-2: 86.73; Q55-1: 92.47; V82-3: 83.92; X90-3: 23.57; U68-2: 14.81; E52-7: 72.48; U33-8: 62.49
    Z32-2: 14.33; Y80-7: 46.22; I44-7: 7.27; B71-5: 32.75; L52-7: 58.79; Z18-6: 64.24; E44-2: 88.24; S24-3: 90.34; S63-7: 96.26
    S87-3: 51.34; R77-3: 73.32; G42-6: 38.13; Z66-7: 50.50; R84-5: 82.73; Q97-5: 86.71; A86-4: 94.91; A23-4: 63.32; Q90-8: 26.34
    Z77-4: 5.74; U66-2: 73.46; V29-3: 60.21; T16-1: 47.89; H74-2: 64.78; A53-6: 43.54; W98-3: 11.86; Y14-2: 95.53; Z36-2: 26.65
    W38-8: 41.23; Z15-7: 10.35; W30-7: 64.70; W18-7: 27.93; P48-1: 60.68; Y98-7: 57.33; O14-5: 47.57; O77-6: 77.61; H10-4: 34.57
    E68-4: 21.36; A31-7: 65.31; U13-3: 15.87; F66-8: 24.17; A61-8: 41.62; B16-4: 52.15; M73-1: 29.40; D59-8: 25.31; K89-2: 45.25
    T16-5: 36.69; Z48-8: 32.81; I13-6: 81.54; K21-1: 88.65; C85-1: 14.13; V21-1: 22.74; B71-1: 25.93; Q52-4: 97.71; K71-6: 85.14
    M49-7: 12.47; F62-2: 65.59; R52-7: 23.59; R55-3: 47.63; O39-8: 90.71; L44-3: 65.87; W59-8: 6.29; F12-8: 12.98; V94-2: 41.40
    ```
    Good:
    ```yaml
    # file: prompts/example.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {customer: {type: string, maxLength: 60}, question: {type: string}}
    system_prompt: |
      {% include "shared/prices.txt" %}
      You are talking to {{ customer }}.
    user_prompt: "{{ question }}"
    # file: shared/prices.txt
    A17-1: 12.50; B20-4: 3.99
    ```
    """
    layout = _layout(prompt)
    if layout is None or len(layout.after) < _LEAST_CHARACTERS:
        return
    entry = context.world.model_info(prompt.model)
    if entry is not None and not entry.get("cache_read_input_token_cost"):
        return
    tokens = context.world.count_tokens(layout.after, prompt.model)
    if tokens < SHORTEST:
        return
    written, piece = layout.first
    span = place(page_of(prompt, context), written, piece.start, piece.end)
    name = min(piece.names)
    message = (
        f"the input {name!r} stands before about {tokens:,} tokens of constant text, which no prefix cache can keep"
    )
    hint = f"put the constant text first{_saving(entry, tokens)}"
    yield Hit(message, at=written.at, span=span, hint=hint)


def _layout(prompt: Prompt) -> _Layout | None:
    first: tuple[Written, Piece] | None = None
    after: list[str] = []
    for written in written_in(prompt):
        if not written.template:
            after += [written.text] if first else []
            continue
        for piece in pieces(written.text, prompt.includes):
            if piece.kind == "text" and first:
                after.append(piece.body)
            elif piece.kind == "output" and not first and piece.names:
                first = written, piece
    return None if first is None else _Layout(first, "".join(after))


def _saving(entry: Mapping[str, Json] | None, tokens: int) -> str:
    full = entry.get("input_cost_per_token") if entry else None
    kept = entry.get("cache_read_input_token_cost") if entry else None
    if not isinstance(full, int | float) or not isinstance(kept, int | float) or kept >= full:
        return ""
    saved = tokens * (full - kept) * _CALLS
    return f": kept, it costs about ${saved:,.2f} less per {_CALLS:,} calls (prices of litellm's map)"
