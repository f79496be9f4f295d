"""An order of roles that providers refuse."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from promptctl.model.finding import Severity
from promptctl.model.prompt import Message, Prompt
from promptctl.model.source import NodePath
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule

_SYSTEM = frozenset({"system", "developer"})
# Served with the chat template of the model's own repository; those of Llama 2, Mistral and Gemma raise
# "Conversation roles must alternate user/assistant/user/assistant/...".
_OWN_TEMPLATE = frozenset({"hosted_vllm", "vllm", "huggingface", "text-completion-openai"})


@rule("PL210", Severity.WARNING, Subject.PROMPT, Subject.JUDGE)
def role_order(prompt: Prompt, _context: Context) -> Iterator[Hit]:
    """The messages have an order of roles that providers refuse or change.

    Why: a `tool` message that answers no call, and a call that is not answered, are refused by every provider: these
    are errors. The rest is refused by some: a system message after the conversation has begun (Anthropic and Gemini
    have one place for it, so it is moved to the front), an assistant message in the end (Mistral and
    Anthropic's newer models refuse to continue one; OpenAI answers it), an assistant message before any user message,
    and, on servers that use the model's own chat template (vLLM), two messages of one role in a row.

    Bad (an answer to no call):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    messages:
      - {role: user, content: What is the weather in Oslo?}
      - {role: tool, tool_call_id: call_1, content: "4 degrees"}
      - {role: user, content: "{{ question }}"}
    ```
    Bad (a system message in the middle):
    ```yaml
    version: 1.0.0
    model: anthropic/claude-sonnet-4-20250514
    messages:
      - {role: user, content: "{{ question }}"}
      - {role: system, content: Answer in one sentence.}
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: anthropic/claude-sonnet-4-20250514
    messages:
      - {role: system, content: Answer in one sentence.}
      - {role: user, content: "Does it rain in Bergen?"}
      - {role: assistant, content: "Yes."}
      - {role: user, content: "{{ question }}"}
    ```
    """
    if "messages" not in prompt.document:
        return
    yield from _calls(prompt.messages)
    talk = [(index, one) for index, one in enumerate(prompt.messages) if one.role not in _SYSTEM]
    yield from _system(prompt.messages, talk)
    if not talk:
        hint = "add a user message"
        yield Hit(
            "there is no user message; most providers refuse a conversation without one", at=("messages",), hint=hint
        )
        return
    first, last = talk[0], talk[-1]
    if first[1].role == "assistant":
        hint = "begin with a user message"
        yield Hit("an assistant message stands before any user message", at=_role(first[0]), hint=hint)
    if last[1].role == "assistant" and "tool_calls" not in last[1].extra:
        message = "the last message is the assistant's; Mistral and newer Anthropic models refuse that"
        yield Hit(message, at=_role(last[0]), hint="end with a user message, and say in it how the answer begins")
    if _provider(prompt) in _OWN_TEMPLATE:
        for (_, before), (index, one) in pairwise(talk):
            if one.role == before.role != "tool":
                message = f"two {one.role} messages in a row, which chat templates of many open models refuse"
                yield Hit(message, at=_role(index), hint="join the two into one message")


def _system(messages: tuple[Message, ...], talk: list[tuple[int, Message]]) -> Iterator[Hit]:
    begun = talk[0][0] if talk else len(messages)
    for index, one in enumerate(messages):
        if one.role in _SYSTEM and index > begun:
            message = f"a {one.role} message stands after the conversation has begun"
            yield Hit(message, at=_role(index), hint="put it before the first user message")


def _calls(messages: tuple[Message, ...]) -> Iterator[Hit]:
    """Tool messages without a call before them, and calls without a tool message after them."""
    open_calls: dict[str, int] = {}
    for index, one in enumerate(messages):
        if one.role == "tool":
            name = one.extra.get("tool_call_id")
            if name is None or open_calls.pop(name, None) is None:
                what = "without a tool_call_id" if name is None else f"for {name!r}, which nothing before it calls"
                hint = "put the assistant message with these `tool_calls` right before it"
                yield Hit(f"a tool message {what}", at=_role(index), hint=hint, severity=Severity.ERROR)
            continue
        yield from _unanswered(open_calls)
        calls = one.extra.get("tool_calls")
        listed = calls if isinstance(calls, list) else []
        open_calls = {str(call["id"]): index for call in listed if isinstance(call, dict) and "id" in call}
    yield from _unanswered(open_calls)


def _unanswered(calls: dict[str, int]) -> Iterator[Hit]:
    for name, index in calls.items():
        hint = f"put {{role: tool, tool_call_id: {name}, content: ...}} right after it"
        message = f"no tool message answers the call {name!r}"
        yield Hit(message, at=("messages", index, "tool_calls"), hint=hint, severity=Severity.ERROR)


def _role(index: int) -> NodePath:
    return "messages", index, "role"


def _provider(prompt: Prompt) -> str:
    return prompt.model.split("/", maxsplit=1)[0]
