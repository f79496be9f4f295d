"""Every format renders every kind of report; what it renders is stored and looked at when it changes.

`PROMPTCTL_UPDATE_EXPECTED=1 pytest tests/reports` writes the stored renderings anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from report_examples import RUN, reports

from promptctl import __version__
from promptctl.model.errors import InputError
from promptctl.reports import formats
from promptctl.text.record import encode

EXPECTED = Path(__file__).parent / "expected"
SUFFIX = {"text": "txt", "json": "json", "markdown": "md", "junit": "xml", "sarif": "sarif", "github": "log",
          "gitlab": "gitlab.json", "html": "html"}  # fmt: skip
# The run's JSON is text.record's and is tested there.
STORED = [
    (kind, name)
    for kind in ("run", "run-green", "run-empty", "lint", "lint-clean", "diff")
    for name in formats.NAMES
    if not (kind.startswith("run") and name == "json")
]


def stable(rendered: str) -> str:
    """A rendering without promptctl's own version, which is not what these tests are about."""
    return rendered.replace(f'"version": "{__version__}"', '"version": "VERSION"')


@pytest.mark.parametrize(("kind", "name"), STORED)
def test_a_format_renders_a_report_as_stored(kind, name):
    rendered = stable(formats.render(reports()[kind], name))
    path = EXPECTED / f"{kind}.{SUFFIX[name]}"
    if os.environ.get("PROMPTCTL_UPDATE_EXPECTED"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(rendered, encoding="utf-8", newline="\n")
    assert rendered == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [120, 80, 40])
@pytest.mark.parametrize("kind", ["run", "run-green", "lint", "diff"])
def test_text_is_stored_for_terminals_of_every_width(kind, width):
    rendered = formats.render(reports()[kind], "text", width=width)
    path = EXPECTED / f"{kind}-{width}.txt"
    if os.environ.get("PROMPTCTL_UPDATE_EXPECTED"):
        path.write_text(rendered, encoding="utf-8", newline="\n")
    assert rendered == path.read_text(encoding="utf-8")


def test_every_stored_rendering_belongs_to_a_test():
    names = {f"{kind}.{SUFFIX[name]}" for kind, name in STORED}
    names |= {f"{kind}-{width}.txt" for kind in ("run", "run-green", "lint", "diff") for width in (120, 80, 40)}
    assert {path.name for path in EXPECTED.iterdir()} == names


@pytest.mark.parametrize("name", formats.NAMES)
def test_every_rendering_is_utf_8_and_ends_in_one_newline(name):
    for report in reports().values():
        rendered = formats.render(report, name)
        rendered.encode("utf-8")
        assert rendered.endswith("\n")
        assert not rendered.endswith("\n\n")


def test_json_is_the_document_and_nothing_else():
    assert json.loads(formats.render(reports()["run"], "json")) == json.loads(json.dumps(encode(RUN)))


def test_json_refuses_what_json_cannot_say():
    broken = replace(reports()["lint"], data={"score": float("nan")})
    with pytest.raises(ValueError, match="Out of range float"):
        formats.render(broken, "json")


def test_an_unknown_format_names_the_nearest():
    with pytest.raises(InputError) as caught:
        formats.render(reports()["lint"], "juint")
    assert str(caught.value).startswith("there is no format `juint`\n  hint: did you mean `junit`?")


@pytest.mark.parametrize("text", ["junit", "junit=", "=x", "yaml=x.yaml", ""])
def test_a_report_target_without_format_or_path_is_refused(text):
    with pytest.raises(InputError):
        formats.parse_target(text)


def test_a_report_target_is_a_format_and_a_path():
    assert formats.parse_target("junit=out/a=b.xml") == ("junit", "out/a=b.xml")


def test_reports_are_frozen_values():
    assert all(replace(one) == one for one in reports().values())
    assert {field.name for field in fields(reports()["run"])} >= {"sources", "rules"}


def test_a_format_is_imported_when_it_is_asked_for():
    """Neither formats nor JSON pay for rich."""
    code = (
        "import sys; from promptctl.reports import formats, json; "
        "print([name for name in ('rich', 'promptctl.reports.html') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
