"""The one door to PyYAML: libyaml's syntax, the core schema of YAML 1.2, and where everything stands.

What is refused, always with a place: duplicate keys, keys that are not text, `<<`, tags outside the core schema,
several documents, aliases that expand without measure, nesting without measure, numbers that are not finite,
and what libyaml reads otherwise than YAML 1.2 says (U+0085, U+2028 and U+2029 as line ends; surrogate escapes).
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import yaml

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, NodePath, Span
from promptctl.text.decode import decode, place_of
from promptctl.text.scalars import MAYBE_SPECIAL, plain, tagged

MAX_DEPTH = 100
MAX_ALIASED_NODES = 1_000_000
MAX_ALIASED_CHARACTERS = 100_000_000

_PLAIN, _TEXT, _COLLECTION = "plain", "text", "collection"
_SEQUENCE_TAG, _MAPPING_TAG = "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"
# Everything libyaml's reader refuses, and the three line ends it knows from YAML 1.1.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LINE_ENDS = {"\x85": "U+0085", "\u2028": "U+2028", "\u2029": "U+2029"}


class _Composing:
    """The half of a loader that decides tags, kept to the least a node can cost, and the guard of its recursion.

    libyaml's composer recurses in C without a limit of its own: fifty thousand brackets overflow the stack.
    """

    depth = 0

    def resolve(self, kind: type, _value: str | None, implicit: Any) -> str:  # noqa: ANN401 - PyYAML's own shape
        if kind is not yaml.ScalarNode:
            return _COLLECTION
        return _PLAIN if implicit[0] else _TEXT

    def descend_resolver(self, parent: yaml.Node | None, _index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError(parent)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _TooDeepError(Exception):
    def __init__(self, node: yaml.Node | None) -> None:
        self.node = node


if yaml.__with_libyaml__:

    class _Loader(_Composing, yaml.cyaml.CParser):  # type: ignore[name-defined,misc]
        """libyaml's parser and composer."""
else:  # pragma: no cover - wheels carry libyaml; this is for a PyYAML built without it

    class _Loader(_Composing, yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer):  # type: ignore[no-redef]
        """The pure Python parser: slower, same answers."""

        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)
            yaml.composer.Composer.__init__(self)


class Document:
    """A YAML document: its value and, on demand, where each part stands."""

    __slots__ = ("_holders", "_root", "_text", "blob", "value")

    def __init__(self, *, blob: Blob, text: str, root: yaml.Node | None, value: Json) -> None:
        self.blob = blob
        self.value = value
        self._text = text
        self._root = root
        # The nodes that hold others, by path: siblings are asked for one after another.
        self._holders: dict[NodePath, yaml.Node | None] = {}

    def where(self, path: NodePath) -> Span | None:
        """The span of the value at `path`, or None where there is no such node."""
        node = self._find(path)
        return _span(node) if node is not None else None

    def where_key(self, path: NodePath) -> Span | None:
        """The span of the key that the last part of `path` names, or None."""
        parent = self._find(path[:-1]) if path else None
        if not isinstance(parent, yaml.MappingNode):
            return None
        return next((_span(key) for key, _ in parent.value if key.value == path[-1]), None)

    def release(self) -> None:
        """Forget the node tree (some ten times the text); `where` composes it again when it is asked."""
        self._root = None
        self._holders.clear()

    def _find(self, path: NodePath) -> yaml.Node | None:
        if self._root is None:
            self._root = _compose(self.blob, self._text)
        if not path:
            return self._root
        above = path[:-1]
        if above not in self._holders:
            self._holders[above] = self._find(above)
        return _child(self._holders[above], path[-1])


def load(blob: Blob) -> Document:
    """The document of a YAML file; an empty file's value is None. Raises InputError with every place it knows."""
    text = decode(blob)
    _refuse_unreadable(blob, text)
    root = _compose(blob, text)
    if root is None:
        return Document(blob=blob, text=text, root=None, value=None)
    if "&" in text:
        _Expansion(blob).measure(root)
    problems: list[Problem] = []
    value = _build(root, blob, problems)
    if problems:
        raise InputError(*problems)
    return Document(blob=blob, text=text, root=root, value=value)


def _refuse_unreadable(blob: Blob, text: str) -> None:
    found = _UNREADABLE.search(text)
    if found is None:
        return
    character = found.group()
    line, column = place_of(text, found.start())
    if character in _LINE_ENDS:
        name = _LINE_ENDS[character]
        message = f"libyaml cannot read {name} as YAML 1.2 does: it takes it for a line end"
        hint = f'write it as "\\u{ord(character):04X}" inside double quotes'
    else:
        message = f"control character U+{ord(character):04X} is not allowed in YAML"
        hint = f'write it as "\\x{ord(character):02X}" inside double quotes, or remove it'
    raise InputError(Problem(message, blob.path, line, column, hint=hint))


def _compose(blob: Blob, text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise InputError(_syntax_problem(blob, error)) from None
    except _TooDeepError as error:
        _fail(error.node, blob, _too_deep(), _FLATTEN)
    except (yaml.YAMLError, UnicodeEncodeError, ValueError, OverflowError) as error:
        raise InputError(Problem(f"not readable as YAML: {error}", blob.path)) from None
    return node


_HINTS = (
    ("cannot start any token", "indent with spaces; quote a value that begins with @, ` or a tab"),
    ("tab character", "indent with spaces"),
    ("mapping values are not allowed", "quote a value that contains ': '"),
    ("escape code", "libyaml cannot read surrogate escapes; write the character itself, or \\U0001F600 for one escape"),
    ("another document", "one file holds one document; remove the second '---'"),
    ("did not find expected key", "check the indentation of this line and of the one before"),
    ("unexpected end of stream", "a quote or bracket is not closed"),
    ("undefined alias", "define it with & before, or quote a value that begins with *"),
    ("duplicate anchor", "give each anchor its own name"),
)


_FLATTEN = "flatten the document"


def _too_deep() -> str:
    return f"nested more than {MAX_DEPTH} levels deep"


def _syntax_problem(blob: Blob, error: yaml.MarkedYAMLError) -> Problem:
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    hint = next((text for sign, text in _HINTS if sign in said), None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    if "maximum nesting depth" in said:  # newer builds of libyaml have a limit of their own, far above ours
        return Problem(_too_deep(), blob.path, line, column, hint=_FLATTEN)
    return Problem(f"not valid YAML: {said}", blob.path, line, column, hint=hint)


def _build(node: yaml.Node, blob: Blob, problems: list[Problem]) -> Json:
    """The value of a node. Two problems are collected (duplicate keys, keys that are not text); a mapping goes on."""
    kind = type(node)
    if kind is yaml.ScalarNode:
        text = node.value
        if node.tag == _PLAIN:
            if not text or text[0] in MAYBE_SPECIAL:
                return _scalar(node, blob)
            return text
        return text if node.tag == _TEXT else _scalar(node, blob)
    if node.tag != _COLLECTION and node.tag != (_MAPPING_TAG if kind is yaml.MappingNode else _SEQUENCE_TAG):
        _refuse_tag(node, blob)
    if kind is yaml.SequenceNode:
        return [_build(item, blob, problems) for item in node.value]
    out: dict[str, Json] = {}
    for key, value in node.value:
        name = key.value
        if type(name) is not str or name in out or name == "<<" or (key.tag != _PLAIN and key.tag != _TEXT):
            _check_key(key, node, name, out, blob, problems)
        out[str(name)] = _build(value, blob, problems)
    return out


def _scalar(node: yaml.Node, blob: Blob) -> Json:
    try:
        return plain(node.value) if node.tag == _PLAIN else tagged(node.tag, node.value)
    except ValueError as error:
        _fail(node, blob, str(error), "quote it if it is meant as text")
    except KeyError:
        _refuse_tag(node, blob)


def _refuse_tag(node: yaml.Node, blob: Blob) -> NoReturn:
    tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    _fail(node, blob, f"the tag {tag} is not part of YAML's core schema", "remove the tag, or quote the value")


def _check_key(
    key: yaml.Node, parent: yaml.Node, name: Json, seen: dict[str, Json], blob: Blob, problems: list[Problem]
) -> None:
    if not isinstance(name, str):
        hint = 'a value that begins with {{ is read as a mapping: quote it, as in "{{ question }}"'
        _fail(key, blob, "a mapping's key must be text", hint)
    if key.tag == _PLAIN and name == "<<":
        _fail(key, blob, "merge keys (<<) are not part of YAML 1.2", "repeat the keys, or put them under `defaults:`")
    if key.tag not in (_PLAIN, _TEXT):
        tagged(key.tag, name) if key.tag.startswith("tag:yaml.org,2002:") else _refuse_tag(key, blob)
    if name in seen:
        first = next(other for other, _ in parent.value if other.value == name)
        message = f"duplicate key {name!r}; the first is in line {first.start_mark.line + 1}"
        mark = key.start_mark
        hint = "remove one of the two"
        problems.append(Problem(message, blob.path, mark.line + 1, mark.column + 1, hint=hint))


def _fail(node: yaml.Node | None, blob: Blob, message: str, hint: str) -> NoReturn:
    line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node is not None else (None, None)
    raise InputError(Problem(message, blob.path, line, column, hint=hint))


class _Expansion:
    """What a document grows to when every alias is written out; refuses cycles and bombs before they are built."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._sizes: dict[int, tuple[int, int] | None] = {}

    def measure(self, node: yaml.Node) -> tuple[int, int]:
        """Nodes and characters below `node`, aliases written out. Raises InputError."""
        if isinstance(node, yaml.ScalarNode):
            return 1, len(node.value)
        key = id(node)
        if key in self._sizes:
            size = self._sizes[key]
            if size is None:
                _fail(node, self._blob, "an alias refers to the node it stands in", "write the value out")
            return size
        self._sizes[key] = None
        nodes, characters = 1, 0
        for item in node.value:
            for part in item if isinstance(item, tuple) else (item,):
                more, longer = self.measure(part)
                nodes, characters = nodes + more, characters + longer
        if nodes > MAX_ALIASED_NODES or characters > MAX_ALIASED_CHARACTERS:
            message = f"written out, its aliases make this node {nodes:,} nodes and {characters:,} characters"
            _fail(node, self._blob, message, "write the values out, or keep them in a file")
        self._sizes[key] = (nodes, characters)
        return nodes, characters


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value  # type: ignore[no-any-return]
        return None
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    return None


def _span(node: yaml.Node) -> Span:
    start, end = node.start_mark, node.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
