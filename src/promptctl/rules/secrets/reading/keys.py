"""Where a key may stand, told without opening a library; and what is only the picture of a key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.text.personal.gates import has_long_number, long_words

# What a key of each kind begins with, and the least that must follow. The literal is looked for first, in long words
# only: that costs next to nothing.
_SIGNS = (
    ("sk-", r"sk-[A-Za-z0-9_-]{20}"),
    ("AIza", r"AIza[\w-]{30}"),
    ("GOCSPX-", r"GOCSPX-[\w-]{20}"),
    ("gsk_", r"gsk_\w{30}"),
    ("xai-", r"xai-\w{30}"),
    ("hf_", r"hf_\w{30}"),
    ("r8_", r"r8_\w{30}"),
    ("pplx-", r"pplx-\w{30}"),
    ("nvapi-", r"nvapi-[\w-]{30}"),
    ("pcsk_", r"pcsk_\w{30}"),
    ("lsv2_", r"lsv2_\w{30}"),
    ("gh", r"gh[pousr]_\w{30}"),
    ("github_pat_", r"github_pat_\w{30}"),
    ("npm_", r"npm_\w{30}"),
    ("xox", r"xox[abposr]-\d"),
    ("xapp-", r"xapp-\d"),
    ("hooks.slack.com", r"hooks\.slack\.com/services/T"),
    ("dapi", r"dapi[a-f0-9]{32}"),
    ("_v1_", r"do[opr]_v1_[a-f0-9]{30}"),
    ("KIA", r"AKIA[0-9A-Z]{16}"),
    ("SIA", r"ASIA[0-9A-Z]{16}"),
    ("BIA", r"ABIA[0-9A-Z]{16}"),
    ("CCA", r"ACCA[0-9A-Z]{16}"),
    ("A3T", r"A3T[0-9A-Z]{17}"),
    ("AccountKey", r"AccountKey=[\w+/]{80}"),
    ("_authToken", r"_authToken"),
    ("glpat-", r"glpat-[\w-]{20}"),
    ("gl", r"gl(?:dt|ft|soat|rt|cbt|imt|ptt|agent)-[\w-]{20}"),
    ("gloas-", r"gloas-[\w-]{60}"),
    ("GR1348941", r"GR1348941[\w-]{20}"),
    ("eyJ", r"eyJ[\w-]{10,}={0,2}\.[\w-]{10}"),
    ("SG.", r"SG\.[\w-]{22}\."),
    ("k_live_", r"[rs]k_live_\w{24}"),
    ("sq0csp-", r"sq0csp-[\w-]{30}"),
    ("pypi-", r"pypi-AgE"),
    ("AC", r"AC[a-z0-9]{32}"),
    ("SK", r"SK[a-z0-9]{32}"),
    ("-us", r"-us\d"),
    ("://", r"://[^\s:/@{}<>\"'`]{0,80}:[^\s/@{}<>\"'`]{1,200}@"),
    (".", r"\.[\w-]{6}\.[\w-]{27}"),
)
# Keys that only the words before them give away.
_NAMED = (
    ("aws", r"(?i)aws.{0,60}[0-9a-z/+]{40}"),
    ("AWS", r"(?i)aws.{0,60}[0-9a-z/+]{40}"),
    ("cloudant", r"(?i)cloudant"),
    ("softlayer", r"(?i)softlayer"),
    ("ibm", r"(?i)ibm.{0,40}key"),
    ("earer ", r"[Aa]uthorization\W{1,6}[Bb]earer "),
)
_COMPILED = tuple((literal, re.compile(shape)) for literal, shape in _SIGNS)
_BY_NAME = tuple((literal, re.compile(shape)) for literal, shape in _NAMED)
_TELEGRAM = re.compile(r"\d{8}:[\w-]{35}(?![\w-])")
_REACH = 2000

_MADE_UP = re.compile(
    r"(?i)example|placeholder|your|dummy|fake|redacted|changeme|change[-_]me|insert|replace|sample|not[-_]?a[-_]?real|"
    r"x{6,}|\*{3,}|\.{3,}|0{8,}|<|\$\{|\{\{"
)
_WORDS = frozenset({"pass", "passwd", "password", "pwd", "pw", "secret", "token", "key", "apikey", "api_key", "foobar"})
_RUN = re.compile(r"(.)\1{7,}")
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "zyxwvutsrqponmlkjihgfedcba", "09876543210")
_WINDOW = 6

# The token that jwt.io shows to everyone, by its signature; the names in it are John Doe's.
_DOCUMENTED = ("SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c", "TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ")


def suspicious(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text (whole lines, or as much of them as a key can need) in which a key may stand."""
    words = long_words(text)
    if not words:
        return
    shapes = [shape for literal, shape in _COMPILED if literal in words]
    shapes += [shape for literal, shape in _BY_NAME if literal in text]
    if has_long_number(text):
        shapes.append(_TELEGRAM)
    found = sorted(match.start() for shape in shapes for match in shape.finditer(text))
    done = 0
    for start in found:
        if start < done:
            continue
        first = max(done, start - _REACH, text.rfind("\n", 0, start) + 1)
        end = text.find("\n", start)
        done = min(len(text) if end < 0 else end, start + 2 * _REACH)
        yield first, done


def is_made_up(value: str) -> bool:
    """Whether a key says of itself that it stands for another: `sk-...`, `YOUR_API_KEY`, AWS's ...EXAMPLE."""
    return _MADE_UP.search(value) is not None or value.lower() in _WORDS


def looks_invented(value: str) -> bool:
    """Whether a key is documented, or typed along the alphabet: nobody's, and still better not repeated."""
    lowered = value.lower()
    if any(known in value for known in _DOCUMENTED) or _RUN.search(value):
        return True
    return any(
        alphabet[at : at + _WINDOW] in lowered for alphabet in _ALPHABETS for at in range(len(alphabet) - _WINDOW + 1)
    )
