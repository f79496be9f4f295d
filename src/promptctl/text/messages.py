"""The messages of a prompt file, in both spellings, and of a case's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from promptctl.model.prompt import Json, Message
from promptctl.model.source import NodePath
from promptctl.text.checked import Fields, Problems, described

PROMPT_ROLES = ("system", "developer", "user", "assistant", "tool")
HISTORY_ROLES = ("user", "assistant", "tool")
MESSAGE_KEYS = ("role", "content", "name", "tool_calls", "tool_call_id")
EXAMPLE_KEYS = ("user", "assistant")
THREE_FIELDS = ("system_prompt", "few_shot_examples", "user_prompt")
DEFAULT_USER_PROMPT = "{{ input }}"
INSTRUCTING = frozenset({"system", "developer"})


def prompt_messages(root: Fields) -> tuple[Message, ...]:
    """The messages of a prompt: `messages:`, or `system_prompt`, `few_shot_examples` and `user_prompt`."""
    if "messages" not in root:
        return _from_three(root)
    for key in THREE_FIELDS:
        if key in root:
            hint = f"put it into `messages:`, or write all of {', '.join(THREE_FIELDS)} instead"
            root.problem(key, f"{key} and messages are two spellings of one thing", hint=hint)
    items = root.items("messages")
    if not items:
        root.problem("messages", "messages is empty", hint='messages: [{role: user, content: "{{ input }}"}]')
    return messages_of(items, (*root.at, "messages"), root.problems, roles=PROMPT_ROLES, template=True)


def messages_of(
    items: list[Json], at: NodePath, problems: Problems, *, roles: tuple[str, ...], template: bool
) -> tuple[Message, ...]:
    """A list of `{role, content}` mappings; what is wrong is noted and left out."""
    read = (
        _message(Fields(item, (*at, i), problems, what="a message"), roles, template) for i, item in enumerate(items)
    )
    return tuple(message for message in read if message is not None)


def _message(fields: Fields, roles: tuple[str, ...], template: bool) -> Message | None:
    if not fields.values:
        return None
    fields.known(MESSAGE_KEYS)
    if "role" not in fields:
        fields.problems.add(fields.at, "a message needs a role", hint=f"role: one of {', '.join(roles)}")
        return None
    role = fields.choice("role", "", roles)
    content = fields.raw("content")
    extra = {key: fields.raw(key) for key in ("name", "tool_calls", "tool_call_id") if fields.raw(key) is not None}
    if content is None and "tool_calls" not in extra:
        fields.problems.add(fields.at, "a message needs content", hint="content: text")
    elif content is not None and not isinstance(content, str):
        hint = f'quote it: content: "{content}"' if isinstance(content, bool | int | float) else None
        fields.problem("content", f"content must be text, not {described(content)}", hint=hint)
        content = None
    return Message(role=role, content=content, template=template and content is not None, extra=extra)


def _from_three(root: Fields) -> tuple[Message, ...]:
    out: list[Message] = []
    system = root.text("system_prompt")
    if system is not None:
        out.append(Message("system", system, template=True))
    for index, item in enumerate(root.items("few_shot_examples")):
        example = Fields(item, (*root.at, "few_shot_examples", index), root.problems, what="an example")
        example.known(EXAMPLE_KEYS, {"input": "did you mean 'user'?", "output": "did you mean 'assistant'?"})
        for role in EXAMPLE_KEYS:
            text = example.text(role)
            if text is not None:
                out.append(Message(role, text))
            elif example.values and example.raw(role) is None:
                example.problems.add(example.at, f"an example needs {role!r}", hint="{user: ..., assistant: ...}")
    if root.raw("user_prompt") is not None:
        out.append(Message("user", root.text("user_prompt"), template=True))
    elif root.raw("target") is None:  # a system under test is handed the inputs themselves
        out.append(Message("user", DEFAULT_USER_PROMPT, template=True))
    return tuple(out)


def instructions_of(messages: Iterable[Mapping[str, Json]]) -> str:
    """The texts of the wire messages that instruct the model (system, developer), a blank line between them."""
    return _joined(one for one in messages if one.get("role") in INSTRUCTING)


def conversation_of(messages: Iterable[Mapping[str, Json]]) -> str:
    """The texts of the other wire messages: examples, history and the user's."""
    return _joined(one for one in messages if one.get("role") not in INSTRUCTING)


def _joined(messages: Iterable[Mapping[str, Json]]) -> str:
    return "\n\n".join(one["content"] for one in messages if isinstance(one.get("content"), str))
