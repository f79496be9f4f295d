"""Checks for the IFEval instructions that no built-in assertion expresses (Zhou et al. 2023, arXiv 2311.07911).

They run as `python:` assertions in a worker process, with an instruction's parameters as `config`. A blank answer
follows no instruction.
"""

from __future__ import annotations

import json
import re

import langdetect
from langdetect.lang_detect_exception import LangDetectException

langdetect.DetectorFactory.seed = 0


def _compared(count, relation, bound):
    return count >= bound if relation == "at least" else count < bound


def _is_language(text, code):
    """A text in which nothing tells the language (digits, signs) is taken for any."""
    try:
        return langdetect.detect(text) == code
    except LangDetectException:
        return True


def response_language(output, context):
    code = context["config"]["language"]
    return bool(output.strip()) and _is_language(output, code)


def english_lowercase(output, context):
    return output.islower() and _is_language(output, "en")


def english_capital(output, context):
    return output.isupper() and _is_language(output, "en")


def number_words(output, context):
    wanted = context["config"]
    words = len(re.findall(r"\w+", output))
    return bool(words) and _compared(words, wanted["relation"], wanted["num_words"])


# A sentence ends at a full stop, question or exclamation mark, with what closes it, before white space; not after an
# abbreviation, an initial, or where the text goes on in lower case after a full stop (in a text that has capitals).
_END = re.compile(r"[.!?]+[\"'”’)\]*]*(?=\s|$)")
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "vs",
        "etc",
        "e.g",
        "i.e",
        "jr",
        "sr",
        "inc",
        "ltd",
        "co",
        "corp",
        "no",
        "gen",
        "col",
        "u.s",
        "p.s",
        "p.p.s",
        "a.m",
        "p.m",
    ]
)


def sentences(text):
    """How many sentences a text has."""
    count = 0
    start = 0
    for found in _END.finditer(text):
        if _goes_on(text, found):
            continue
        count += bool(text[start : found.end()].strip())
        start = found.end()
    return count + bool(text[start:].strip())


def _goes_on(text, end):
    if end[0][0] != "." or end[0].startswith(".."):
        return False
    before = re.search(r"\S*$", text[: end.start()])[0].lstrip("\"'“‘(*[").lower()
    after = text[end.end() :].lstrip()
    if before in _ABBREVIATIONS:
        return True
    if re.fullmatch(r"[a-z]", before):
        return bool(after[:1].isupper())
    return after[:1].islower() and (before.isdigit() or not text.islower())


def number_sentences(output, context):
    wanted = context["config"]
    return bool(output.strip()) and _compared(sentences(output), wanted["relation"], wanted["num_sentences"])


def number_paragraphs(output, context):
    """Paragraphs stand between markdown dividers `***`; one may be blank only at either end."""
    wanted = context["config"]["num_paragraphs"]
    parts = [part.strip() for part in re.split(r"\s?\*\*\*\s?", output)]
    inner = parts[1:-1]
    return all(inner) and sum(map(bool, parts)) == wanted


def nth_paragraph_first_word(output, context):
    """Paragraphs stand between blank lines; the first word of one is compared without quotes and marks."""
    wanted = context["config"]
    parts = re.split(r"\n\n", output)
    full = [part for part in parts if part.strip()]
    place = wanted["nth_paragraph"]
    if len(full) != wanted["num_paragraphs"] or place > len(full):
        return False
    paragraph = parts[place - 1].strip()
    if not paragraph:
        return False
    opening = paragraph.split()[0].lstrip("'").lstrip('"')
    return re.split(r"[.,?!'\"]", opening, maxsplit=1)[0].lower() == wanted["first_word"].lower()


def number_bullet_lists(output, context):
    """A bullet is a line that begins with a star that is not doubled, or with a hyphen."""
    wanted = context["config"]["num_bullets"]
    stars = re.findall(r"^\s*\*[^*].*$", output, re.MULTILINE)
    hyphens = re.findall(r"^\s*-.*$", output, re.MULTILINE)
    return len(stars) + len(hyphens) == wanted


def number_highlighted_sections(output, context):
    """A highlight is text between single or double stars on one line; the two kinds are counted apart."""
    wanted = context["config"]["num_highlights"]
    single = re.findall(r"\*[^\n*]*\*", output)
    double = re.findall(r"\*\*[^\n*]*\*\*", output)
    return sum(bool(found.strip("*").strip()) for found in (*single, *double)) >= wanted


def json_format(output, context):
    """JSON, within a code fence or not."""
    text = re.sub(r"^```(?:json|Json|JSON)?", "", output.strip()).removesuffix("```").strip()
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def two_responses(output, context):
    """Two different answers between six stars; one may be blank only at either end."""
    parts = [part.strip() for part in output.split("******")]
    full = [part for part in parts if part]
    return all(parts[1:-1]) and len(full) == 2 and full[0] != full[1]


# A word keeps its hyphens and the full stops inside it; an ending such as 's or n't stands alone.
_WORD = re.compile(r"\w+(?:[-./&]\w+)*\.?|'\w+|[^\w\s]")


def capital_word_frequency(output, context):
    """How many words are in capital letters throughout."""
    wanted = context["config"]
    words = sum(word.isupper() for word in _WORD.findall(output))
    return bool(output.strip()) and _compared(words, wanted["capital_relation"], wanted["capital_frequency"])
