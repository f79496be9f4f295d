"""Whether a model id names one immutable snapshot.

A date is neither necessary nor sufficient: Anthropic's ids from 4.6 on are snapshots without a date ("Model IDs and
versioning", platform.claude.com), and a dated Azure id is the name of a deployment that its owner's policy upgrades
(Microsoft's `OnceNewDefaultVersionAvailable`). Where the id cannot tell, the answer is "unknown", never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from promptctl.rules.knowledge.model_ids import Lookup, ModelId, Names, parse, respelled, siblings

ISO = r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
YMD = r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
MMDD = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
YYMM = r"2\d(?:0[1-9]|1[0-2])"
MMYYYY = r"(?:0[1-9]|1[0-2])-20\d\d"
_END = r"(?=$|[-:@.])"

_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$|:[0-9a-f]{64}$|@[0-9a-f]{40}$")
_FLOATING = re.compile(r"(?:^|[-/:@.~])(?:latest|nightly)(?=$|[-/:@.])|@default$|/auto$|^auto$|model-router|(?:^|/)~")
_SUFFIX = re.compile(rf"[-@](?:{ISO}|{YMD}|{MMYYYY}|{MMDD}|{YYMM}|\d{{3}})$")
_CLAUDE_VERSION = re.compile(r"claude(?:-[a-z]+)*-v?(\d{1,2})(?:[-.](\d{1,2}))?(?=$|[-@:.])")
_GEMINI_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?")
_BEDROCK_VERSION = re.compile(r"-v\d+(?::\d+)?(?::\d+k)?$|-\d+:\d+$")
_DATED_SOURCE = re.compile(r"-(\d\d)-(\d\d)/?$")
_HOME = frozenset({"ollama", "ollama_chat"})
_SERVED = frozenset(
    {"hosted_vllm", "vllm", "lm_studio", "llamafile", "openai_like", "custom_openai", "custom", "sagemaker"}
)
_CLOSED = frozenset({"openai", "anthropic", "google", "mistralai", "cohere", "x-ai", "amazon", "ai21"})


@dataclass(frozen=True, slots=True)
class Pin:
    """pinned: True, False, or None where the id cannot tell. why: the reason as a clause. candidates: snapshots of the
    same model that the price map lists, newest first, spelled as the model is; which of them an alias serves it cannot say."""

    pinned: bool | None
    why: str
    candidates: tuple[str, ...] = ()


Judge = Callable[[ModelId, Lookup, Names], Pin]


def pin_of(model: str, lookup: Lookup, names: Names) -> Pin:
    """Whether `model` is pinned. lookup and names are the price map's; the first of the rules below that applies decides."""
    if _DIGEST.search(model):
        return Pin(True, "it is named by its digest")
    found = parse(model, lookup)
    if found.provider in {"azure", "azure_ai", "azure_text"}:
        return _azure(found)
    if _FLOATING.search(found.name):
        return Pin(False, "the name itself floats", _candidates(found, lookup, names))
    for applies, judge in _JUDGES:
        if applies(found):
            return judge(found, lookup, names)
    return _hosted(found, lookup, names)


def _azure(model: ModelId) -> Pin:
    if "model-router" in model.name:
        return Pin(False, "a router chooses the model for each request")
    return Pin(None, "it is the name of a deployment, whose upgrade policy is kept on the server")


def _scripted(_model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    return Pin(True, "a scripted model is a file of the repository")


def _target(model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    if model.name.startswith("http:"):
        return Pin(None, "what answers at an address is decided where the server is started")
    return Pin(True, "a system under test is known by its code")


def _ollama(_model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    return Pin(False, "an Ollama tag can be moved, and a model cannot be pulled by its digest")


def _served(_model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    return Pin(None, "the revision is decided where the server is started; 'repository@<40 hex digits>' names it")


def _openrouter(model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    vendor, _, name = model.name.partition("/")
    if vendor in _CLOSED and _dated(name.partition(":")[0], ISO, YMD, MMDD) and ":" not in name:
        return Pin(True, "it is a dated snapshot of a model with one owner")
    return Pin(False, "an OpenRouter slug is a pool of hosts and quantisations")


def _claude(model: ModelId, lookup: Lookup, names: Names) -> Pin:
    if _dated(model.name, YMD):
        return Pin(True, "it is dated")
    found = _CLAUDE_VERSION.search(model.name)
    if found is None and not _BEDROCK_VERSION.search(model.name):
        return Pin(None, "the name carries no version")
    if found is not None and (int(found[1]), int(found[2] or 0)) >= (4, 6):
        return Pin(True, "from 4.6 on Anthropic's ids without a date are snapshots")
    if model.provider == "bedrock" and _BEDROCK_VERSION.search(model.name):
        return Pin(True, "it carries Bedrock's version")
    return Pin(False, "before 4.6 an Anthropic id without a date is an alias", _candidates(model, lookup, names))


def _bedrock(model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    if not model.name.startswith("arn:") and _BEDROCK_VERSION.search(model.name):
        return Pin(True, "it carries Bedrock's version")
    return Pin(None, "the Bedrock id carries no version")


def _openai(model: ModelId, lookup: Lookup, names: Names) -> Pin:
    if model.name.startswith("ft:") and model.name.count(":") >= 4:
        return Pin(True, "it is one fine-tuned model")
    if _dated(model.name, ISO, MMDD):
        return Pin(True, "it is dated")
    candidates = _candidates(model, lookup, names)
    if candidates:
        return Pin(False, "it is an alias that OpenAI moves between dated snapshots", candidates)
    return Pin(None, "OpenAI lists no dated snapshot of it")


def _gemini(model: ModelId, lookup: Lookup, names: Names) -> Pin:
    if re.search(rf"(?:^|-)(?:exp|experimental){_END}", model.name):
        return Pin(False, "an experimental model may be replaced without notice, dated or not")
    if re.search(rf"-{MMYYYY}{_END}|[-@]\d{{3}}$|@{YYMM}$", model.name):
        return Pin(True, "it carries a version")
    if "preview" in model.name:
        return Pin(None, "a preview may be redirected to a newer one")
    found = _GEMINI_VERSION.search(model.name)
    if found is not None and (int(found[1]), int(found[2] or 0)) >= (2, 5):
        return Pin(True, "from 2.5 on the bare id is the stable version")
    why = "up to 2.0 a Gemini id without a version is an alias that is updated by itself"
    return Pin(False, why, _candidates(model, lookup, names))


def _mistral(model: ModelId, lookup: Lookup, names: Names) -> Pin:
    if _dated(model.name, YYMM):
        return Pin(True, "it is dated")
    candidates = _candidates(model, lookup, names)
    if candidates or _source_date(model, lookup):
        return Pin(False, "it is an alias of a dated release", candidates)
    return Pin(None, "Mistral lists no dated release of it")


def _cohere(model: ModelId, lookup: Lookup, names: Names) -> Pin:
    if _dated(model.name, MMYYYY) or re.search(r"-v\d+\.\d+$", model.name):
        return Pin(True, "it carries a version")
    candidates = _candidates(model, lookup, names)
    return (
        Pin(False, "it is an alias of a dated release", candidates)
        if candidates
        else Pin(None, "no dated release is listed")
    )


def _xai(model: ModelId, lookup: Lookup, names: Names) -> Pin:
    if _dated(model.name, MMDD):
        return Pin(True, "it is dated")
    return Pin(False, "an xAI id without a date is an alias", _candidates(model, lookup, names))


def _deepseek(model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    if model.name in {"deepseek-chat", "deepseek-reasoner", "deepseek-coder"}:
        return Pin(False, "it is a product name that DeepSeek moves between models")
    return Pin(None, "the name carries no date")


def _hosted(model: ModelId, _lookup: Lookup, _names: Names) -> Pin:
    if _dated(model.name.rpartition("/")[2], ISO, YMD, MMDD, YYMM):
        return Pin(True, "it is a dated public checkpoint (its host may still change how it is quantised)")
    return Pin(None, "the name carries neither date nor digest")


_JUDGES: Sequence[tuple[Callable[[ModelId], bool], Judge]] = (
    (lambda m: m.provider == "scripted", _scripted),
    (lambda m: m.provider == "target", _target),
    (lambda m: m.provider in _HOME, _ollama),
    (lambda m: m.provider in _SERVED, _served),
    (lambda m: m.provider == "openrouter", _openrouter),
    (lambda m: "claude" in m.name, _claude),
    (lambda m: m.provider == "bedrock", _bedrock),
    (lambda m: m.provider in {"openai", "text-completion-openai"}, _openai),
    (lambda m: "gemini" in m.name and m.provider in {"gemini", "vertex_ai", "vertex_ai_beta"}, _gemini),
    (lambda m: m.provider in {"mistral", "codestral"} or m.family == "vertex_ai-mistral_models", _mistral),
    (lambda m: m.provider in {"cohere", "cohere_chat"}, _cohere),
    (lambda m: m.provider == "xai", _xai),
    (lambda m: m.provider == "deepseek", _deepseek),
)


def _dated(name: str, *shapes: str) -> bool:
    """Whether one of the shapes stands in `name` as a part of its own."""
    return re.search(rf"[-@](?:{'|'.join(shapes)}){_END}", name) is not None


def _candidates(model: ModelId, lookup: Lookup, names: Names) -> tuple[str, ...]:
    """The snapshots of the same model that the price map lists."""
    stem = re.sub(r"[-@](?:latest|default)$|:latest$", "", model.name)
    listed = siblings(model, names)
    found = [name for name in listed if name.startswith(stem) and _SUFFIX.fullmatch(name[len(stem) :])]
    if not found and model.name.endswith("@default") and stem in listed:
        found = [stem]
    if (date := _source_date(model, lookup)) is not None:
        exact = [name for name in listed if name == f"{_unversioned(stem)}-{date}"]
        found = exact or found
    return tuple(respelled(model, name) for name in sorted(found, key=_newness, reverse=True))


def _source_date(model: ModelId, lookup: Lookup) -> str | None:
    """YYMM where the price map's source is the page of a dated release (Mistral's model cards)."""
    entry = lookup(model.written)
    found = _DATED_SOURCE.search(str(entry.get("source", ""))) if entry and model.provider == "mistral" else None
    return "".join(found.groups()) if found else None


def _unversioned(stem: str) -> str:
    return re.sub(r"-\d+(?:\.\d+)?$", "", stem)


def _newness(name: str) -> tuple[str, str]:
    """A sort key: the date in `name` as YYYYMMDD where its shape is known."""
    if found := re.search(r"(20\d\d)-?(\d\d)-?(\d\d)$", name):
        return "".join(found.groups()), name
    if found := re.search(r"[-@](\d\d)-(20\d\d)$", name):
        return found[2] + found[1], name
    return name[-4:], name
