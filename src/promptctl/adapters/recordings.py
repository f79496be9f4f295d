"""Recorded completions, `recordings/<prompt>.jsonl`: evidence that is committed and reviewed with the prompt."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from promptctl.adapters.cache import Key
from promptctl.adapters.files import WorkTree, atomic_write, inside, leaves_root
from promptctl.adapters.leaks import Leaks
from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Request, Source
from promptctl.model.source import Blob, Tree
from promptctl.text.record_completion import decode_completion, encode_completion

UNFINISHED_MERGE = ("<<<<<<<", "=======", ">>>>>>>")


@dataclass(frozen=True, slots=True)
class Recording:
    """A completion worth keeping: for which prompt and case, what was asked, what came."""

    prompt: str
    case: str
    request: Request
    sample: int
    completion: Completion


def path_of(folder: str, prompt: str) -> str:
    """The root-relative path of a prompt's recordings; what a file name cannot hold is percent-encoded."""
    return f"{folder}/{quote(prompt, safe=' @+,;=~')}.jsonl"


def read_recordings(tree: Tree, folder: str, prompts: Iterable[str]) -> Mapping[Key, Completion]:
    """The recorded completions of `prompts` in a tree (the working one, or a revision), their source RECORDED.

    A prompt without recordings has none. Raises InputError for a file that cannot be read, with the line.
    """
    found: dict[Key, Completion] = {}
    there = set(tree.paths())
    for prompt in sorted(set(prompts)):
        path = path_of(folder, prompt)
        if path in there:
            for key, line in parse_recordings(tree.read(path)).items():
                found[key] = replace(_completion(line), source=Source.RECORDED)
    return found


def parse_recordings(blob: Blob) -> Mapping[Key, Mapping[str, Json]]:
    """The lines of a recordings file by request digest and sample.

    Lines come in any order; of two for one request (two branches recorded it) the younger counts, whatever the order.
    Raises InputError with the line where one is malformed.
    """
    lines: dict[Key, Mapping[str, Json]] = {}
    for number, raw in enumerate(blob.data.split(b"\n"), 1):
        if not raw.strip():
            continue
        line = _parse(raw, Problem("", path=blob.path, line=number))
        key = (line["request_digest"], line["sample"])
        lines[key] = line if key not in lines else max(lines[key], line, key=_age)
    return lines


def write_recordings(root: Path, folder: str, recordings: Iterable[Recording], leaks: Leaks) -> tuple[str, ...]:
    """Merge `recordings` into the files of their prompts; the paths written. A new completion replaces an old one.

    Sorted by request and sample, one file at a time, whole or not at all. Raises UnavailableError, naming the case,
    where a recording holds an API key (nothing of its file is written then), or where the disk refuses; InputError
    where an existing file is malformed.
    """
    by_prompt: dict[str, list[Recording]] = {}
    for recording in recordings:
        by_prompt.setdefault(recording.prompt, []).append(recording)
    written = []
    for prompt, ours in sorted(by_prompt.items()):
        path = path_of(folder, prompt)
        target = root / inside(path)
        before = WorkTree(root).read(path) if os.path.lexists(target) else Blob(path, b"")
        texts = {key: _dump(line) for key, line in parse_recordings(before).items()}
        texts |= {(one.request.digest, one.sample): _text(one, leaks) for one in ours}
        data = "".join(f"{texts[key]}\n" for key in sorted(texts)).encode()
        if before.data != data:
            _make_folder(root, target)
            atomic_write(target, data)
            written.append(path)
    return tuple(written)


def _text(recording: Recording, leaks: Leaks) -> str:
    request = recording.request
    asked: dict[str, Json] = {"model": request.model}
    if request.kind == "target":
        asked |= {"kind": request.kind, "payload": dict(request.payload)}
    elif request.kind != "chat":
        asked |= {"kind": request.kind, "texts": list(request.texts)}
    else:
        asked["messages"] = [dict(message) for message in request.messages]
    if request.parameters:
        asked["parameters"] = dict(request.parameters)
    if request.endpoint:
        asked["endpoint"] = request.endpoint
    completion = encode_completion(recording.completion)
    del completion["source"]  # where this run had it from says nothing about the answer
    line = _dump(
        {"request_digest": request.digest, "sample": recording.sample, "request": asked, "completion": completion}
    )
    secret = leaks.find(line)
    if secret is not None:
        raise UnavailableError(
            Problem(
                f"case {recording.case!r} of {recording.prompt} is not recorded: its request or answer holds {secret}",
                hint="take it out of the prompt, the case or the tool's data; nothing was written, the answer is in the cache",
            )
        )
    return line


def _dump(line: Mapping[str, Json]) -> str:
    text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can carry
        return json.dumps(line, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text


def _parse(raw: bytes, at: Problem) -> Mapping[str, Json]:
    try:
        line = json.loads(raw)
        if not isinstance(line["request_digest"], str) or not isinstance(line["sample"], int):
            raise TypeError("request_digest is a text and sample a number")
        _completion(line)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(_malformed(raw, at, error)) from None
    return line  # type: ignore[no-any-return]


def _malformed(raw: bytes, at: Problem, error: Exception) -> Problem:
    if raw.decode("utf-8", "replace").startswith(UNFINISHED_MERGE):
        hint = "delete the three marker lines and keep the others; '*.jsonl merge=union' in .gitattributes avoids this"
        return replace(at, message="an unfinished merge left its marker here", hint=hint)
    what = f"no {error}" if isinstance(error, KeyError) else str(error)
    hint = "restore the line from git, or delete it and run 'promptctl eval --record'"
    return replace(at, message=f"not a recording: {what}", column=getattr(error, "colno", None), hint=hint)


def _completion(line: Mapping[str, Json]) -> Completion:
    return decode_completion({"tool_calls": [], "source": "recorded"} | line["completion"])


def _age(line: Mapping[str, Json]) -> tuple[str, str]:
    return (str(line["completion"].get("received_at") or ""), _dump(line))


def _make_folder(root: Path, target: Path) -> None:
    if not target.parent.resolve().is_relative_to(root.resolve()):
        raise leaves_root(str(target.parent), "it is a symbolic link")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            Problem(f"cannot be created: {error.strerror or error}", path=str(target.parent))
        ) from error
