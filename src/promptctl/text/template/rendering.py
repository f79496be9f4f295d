"""What Jinja2 does for templates: parse them, follow what they include, render them in the sandbox."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import NoReturn

import jinja2
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import Blob, NodePath
from promptctl.text.checked import outside, place_in, suggestion
from promptctl.text.decode import decode
from promptctl.text.inputs import bind
from promptctl.text.template.sandbox import Sandbox
from promptctl.text.wire import MARKS, template_place, wire_messages
from promptctl.text.work import TooMuchWorkError, Work

MAX_INCLUDES = 200

# What rendering raises for a template that is wrong for these values: a bad operand, a missing key, no end.
_RUN_ERRORS = (
    jinja2.TemplateError,
    ArithmeticError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    RecursionError,
)
_OTHER_ROADS = {nodes.Extends: "extends", nodes.Import: "import", nodes.FromImport: "from"}


def undeclared(template: str, includes: Mapping[str, str] | None = None) -> frozenset[str]:
    """The names a template, and the files it includes, take from outside. Raises InputError for bad syntax,
    with the line in the template (path None) or in the included file."""
    sandbox = _parser()
    names: set[str] = set()
    for path, text in [(None, template), *(includes or {}).items()]:
        if not any(mark in text for mark in MARKS):
            continue
        tree = _parsed(sandbox, text, path)
        try:
            names |= find_undeclared_variables(tree)
        except jinja2.TemplateSyntaxError as error:  # an unknown filter or test
            _syntax_error(sandbox, error, path)
    return frozenset(names - sandbox.globals.keys())


def gather(templates: Iterable[str], read: Callable[[str], Blob]) -> dict[str, str]:
    """The text of every file the templates include, directly or through each other, by path.

    Raises InputError: a file that cannot be read, a name that is not a constant, a path that leaves the
    repository, a file that includes itself.
    """
    sandbox = _parser()
    found: dict[str, str] = {}
    for template in templates:
        _follow(sandbox, template, None, (), found, read)
    return found


def render(prompt: Prompt, case: Case, *, golden_path: str | None = None) -> tuple[Mapping[str, Json], ...]:
    """The wire messages of a case: the prompt's, with the case's history before the prompt's last user message.

    Raises InputError: inputs that are missing, extra or of the wrong type (placed in `golden_path`), an undefined
    name, a template that fails or does too much (placed in the prompt).
    """
    values = bind(prompt, case, path=golden_path)
    templates = tuple(message.content if message.template else None for message in prompt.messages)
    rendering = _rendering(templates, tuple(sorted(prompt.includes.items())))
    contents = [message.content for message in prompt.messages]
    for index, message in enumerate(prompt.messages):
        if message.template and message.content is not None:
            try:
                contents[index] = rendering.text(index, values)
            except InputError as error:
                place = template_place(prompt, index)
                raise InputError(*(_placed(p, prompt, place, case.id) for p in error.problems)) from None
    return wire_messages(prompt, contents, case.history)


class _Rendering:
    """The compiled templates of one prompt."""

    def __init__(self, templates: tuple[str | None, ...], includes: Mapping[str, str]) -> None:
        self._sandbox = Sandbox(includes)
        self._templates = [None if text is None else self._compiled(text) for text in templates]

    def text(self, index: int, values: Mapping[str, Json]) -> str:
        template = self._templates[index]
        if template is None:
            raise IndexError(index)
        self._sandbox.work = Work()
        try:
            return template.render(values)
        except TooMuchWorkError as error:
            message, hint = f"the template is stopped: {error}", "prompts are bounded in work and size"
            raise InputError(_run_problem(error, message, hint)) from None
        except jinja2.UndefinedError as error:
            hint = "declare it under `inputs`, give it in the case, or guard it with `is defined`"
            raise InputError(_run_problem(error, f"the template uses an undefined name: {error}", hint)) from None
        except jinja2.TemplateSyntaxError as error:
            _syntax_error(self._sandbox, error, error.filename)
        except _RUN_ERRORS as error:
            told = "it calls itself without end" if isinstance(error, RecursionError) else str(error)
            raise InputError(_run_problem(error, f"the template cannot be rendered: {told}", None)) from None

    def _compiled(self, text: str) -> jinja2.Template:
        try:
            return self._sandbox.from_string(text)
        except jinja2.TemplateSyntaxError as error:
            _syntax_error(self._sandbox, error, None)


@functools.lru_cache(maxsize=1)
def _parser() -> Sandbox:
    """A sandbox to parse with: parsing leaves nothing behind, and making one costs as much as a short template."""
    return Sandbox({})


@functools.lru_cache(maxsize=256)
def _rendering(templates: tuple[str | None, ...], includes: tuple[tuple[str, str], ...]) -> _Rendering:
    return _Rendering(templates, dict(includes))


def _parsed(sandbox: Sandbox, text: str, path: str | None) -> nodes.Template:
    try:
        return sandbox.parse(text)
    except jinja2.TemplateSyntaxError as error:
        _syntax_error(sandbox, error, path)
    except RecursionError:
        raise InputError(Problem("the template is nested too deep", path)) from None


def _follow(
    sandbox: Sandbox,
    text: str,
    path: str | None,
    above: tuple[str, ...],
    found: dict[str, str],
    read: Callable[[str], Blob],
) -> None:
    for name, line in _included(_parsed(sandbox, text, path), path):
        if name in above:
            message = f"{name} includes itself, by way of {' -> '.join([*above, name])}"
            raise InputError(Problem(message, path, line))
        if name not in found:
            complaint = outside(name)
            if complaint:
                hint = "an include names a file by its path from the project root"
                raise InputError(Problem(complaint, path, line, hint=hint))
            if len(found) == MAX_INCLUDES:
                raise InputError(Problem(f"more than {MAX_INCLUDES} files are included", path, line))
            found[name] = decode(read(name))
            # A file found before, and not one this stands in, has been followed to its end already.
            _follow(sandbox, found[name], name, (*above, name), found, read)


def _included(tree: nodes.Template, path: str | None) -> list[tuple[str, int]]:
    for kind, word in _OTHER_ROADS.items():
        other = tree.find(kind)
        if other is not None:
            message = f"{{% {word} %}} is not available in prompts"
            raise InputError(Problem(message, path, other.lineno, hint='use {% include "path" %}'))
    out = []
    for node in tree.find_all(nodes.Include):
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            message = "an include must name one file, as a constant"
            raise InputError(Problem(message, path, node.lineno, hint='{% include "shared/tone.txt" %}'))
        if node.ignore_missing:
            message = "`ignore missing` would hide a file that is not there"
            raise InputError(Problem(message, path, node.lineno, hint="remove `ignore missing`"))
        out.append((node.template.value, node.lineno))
    return out


def _syntax_error(sandbox: Sandbox, error: jinja2.TemplateSyntaxError, path: str | None) -> NoReturn:
    message = (error.message or "unreadable").rstrip(".")
    hint = None
    if message.startswith("No filter named"):
        close = suggestion(message.split("'")[1], sandbox.filters)
        hint = close or f"the filters are {', '.join(sorted(sandbox.filters))}"
    raise InputError(Problem(f"template syntax: {message}", path, error.lineno, hint=hint)) from None


def _run_problem(error: BaseException, message: str, hint: str | None) -> Problem:
    path, line = _line_of(error.__traceback__)
    return Problem(message, path, line, hint=hint)


def _line_of(traceback: TracebackType | None) -> tuple[str | None, int | None]:
    """The innermost template line of a traceback Jinja2 has rewritten; path None is the template itself."""
    place: tuple[str | None, int | None] = (None, None)
    while traceback is not None:
        if "__jinja_exception__" in traceback.tb_frame.f_globals:
            name = traceback.tb_frame.f_code.co_filename
            place = (None if name == "<template>" else name, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place


def _placed(problem: Problem, prompt: Prompt, place: NodePath, case: str) -> Problem:
    """A problem of a template, placed in the prompt's file and told for which case."""
    message = f"{problem.message} (case {case!r})"
    if problem.path is not None:
        return Problem(message, problem.path, problem.line, hint=problem.hint)
    line, column = place_in(prompt.source.where(place), problem.line)
    return Problem(message, prompt.source.path, line, column, hint=problem.hint)
