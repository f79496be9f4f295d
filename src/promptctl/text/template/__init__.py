"""The one door to Jinja2: templates are strict about undefined names, sandboxed, and bounded in work and output.

`trim_blocks` is off and exactly one trailing newline of a template is dropped. A case's values are inserted once,
as data, and never rendered again. The only way to another file is `{% include "path" %}`.

Jinja2 itself is behind `rendering`, which is opened where a template is more than text and names, or is rendered: reading
a project, and linting one that has not changed, do without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType

from promptctl.model.golden import Case
from promptctl.model.prompt import Json, Prompt
from promptctl.model.run import Request
from promptctl.model.source import Blob
from promptctl.text.inputs import bind
from promptctl.text.target import payload_of
from promptctl.text.template.plain import plain_names
from promptctl.text.wire import target_request, wire_request

_ROADS = ("include", "import", "extends")


def undeclared(template: str, includes: Mapping[str, str] | None = None) -> frozenset[str]:
    """The names a template, and the files it includes, take from outside. Raises InputError for bad syntax,
    with the line in the template (path None) or in the included file."""
    names: frozenset[str] = frozenset()
    for text in (template, *(includes or {}).values()):
        plain = plain_names(text)
        if plain is None:
            parsed: frozenset[str] = _rendering().undeclared(template, includes)
            return parsed
        names |= plain
    return names


def gather(templates: Iterable[str], read: Callable[[str], Blob]) -> dict[str, str]:
    """The text of every file the templates include, directly or through each other, by path.

    Raises InputError: a file that cannot be read, a name that is not a constant, a path that leaves the
    repository, a file that includes itself.
    """
    including = [text for text in templates if "{%" in text and any(word in text for word in _ROADS)]
    found: dict[str, str] = _rendering().gather(including, read) if including else {}
    return found


def render(prompt: Prompt, case: Case, *, golden_path: str | None = None) -> tuple[Mapping[str, Json], ...]:
    """The wire messages of a case: the prompt's, with the case's history before the prompt's last user message.

    Raises InputError: inputs that are missing, extra or of the wrong type (placed in `golden_path`), an undefined
    name, a template that fails or does too much (placed in the prompt).
    """
    messages: tuple[Mapping[str, Json], ...] = _rendering().render(prompt, case, golden_path=golden_path)
    return messages


def request(
    prompt: Prompt, case: Case, model: str | None = None, endpoint: str | None = None, *, golden_path: str | None = None
) -> Request:
    """The canonical request of a case, digest included.

    `model` replaces the prompt's; `endpoint` is the configured api_base, or a target's address or digest. Of a prompt
    with a target it is what that is handed. Raises InputError as `render` does.
    """
    if prompt.target is not None:
        values = bind(prompt, case, path=golden_path)
        rendered = render(prompt, case, golden_path=golden_path) if prompt.messages else None
        return target_request(prompt.target, payload=payload_of(prompt, case, values, rendered), endpoint=endpoint)
    messages = render(prompt, case, golden_path=golden_path)
    return wire_request(prompt, messages, model=model or prompt.model, endpoint=endpoint)


@cache
def _rendering() -> ModuleType:
    return import_module("promptctl.text.template.rendering")
