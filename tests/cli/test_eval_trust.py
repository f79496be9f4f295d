"""The trust boundary of `promptctl eval`: keys, hosts, code, and text that wants to be more than text."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import KEY, MODEL, case, lines, loopback, make_project


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


def test_a_missing_key_ends_it_before_any_call(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=None, cases=[case("a"), case("b")])
    project.write(".env", f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={server.url}\n")
    for variables in ({}, {"OPENAI_API_KEY": ""}):
        done = project.eval(**variables)
        assert (done.code, done.out) == (2, "")
        assert done.err.count("OPENAI_API_KEY is not set") == 1
        assert MODEL in done.err
    assert not server.requests
    assert project.eval("--offline").code == 3  # needs no key
    assert project.eval("--dry-run").code == 0
    several = project.eval("--model", "anthropic/claude-sonnet-4-20250514")
    assert several.code == 2
    assert "ANTHROPIC_API_KEY is not set" in several.err


@pytest.mark.slow
def test_a_foreign_host_gets_nothing_unless_the_operator_says_so(tmp_path: Path, server: Any) -> None:
    port = server.url.rpartition(":")[2]
    # A name of our own that is no loopback name; without a resolver no byte leaves the machine.
    project = make_project(tmp_path, api_base=f"http://models.invalid:{port}")
    refused = project.eval(OPENAI_API_KEY=KEY)
    assert (refused.code, refused.out) == (2, "")
    assert "promptctl.yaml" in refused.err
    assert "models.invalid" in refused.err
    assert "--allow-host models.invalid" in refused.err
    for arguments, variables in (
        (("--allow-host", "models.invalid"), {}),
        ((), {"PROMPTCTL_ALLOW_HOSTS": "x.org, models.invalid"}),
    ):
        allowed = project.eval(*arguments, OPENAI_API_KEY=KEY, **variables)
        assert allowed.code == 3
        assert "the connection failed" in allowed.out
    assert project.eval("--allow-host", "other.invalid", OPENAI_API_KEY=KEY).code == 2
    for base in (
        "http://api.openai.com/v1",
        "http://127.0.0.1@models.invalid/",
        "ftp://127.0.0.1/",
        "http://api.openai.com.models.invalid/",
    ):
        project.write("promptctl.yaml", json.dumps({"providers": {"openai": {"api_base": base}}}))
        assert project.eval(OPENAI_API_KEY=KEY).code == 2, base


def test_a_variable_that_is_not_the_providers_own_is_not_read(tmp_path: Path, server: Any) -> None:
    config = {"providers": {"openai": {"api_base": server.url, "api_key_env": "AWS_SECRET_ACCESS_KEY"}}}
    project = make_project(tmp_path, api_base=None, config=config)
    refused = project.eval(AWS_SECRET_ACCESS_KEY=KEY)
    assert refused.code == 2
    assert "PROMPTCTL_ALLOW_KEYS=AWS_SECRET_ACCESS_KEY" in refused.err
    assert not server.requests
    assert project.eval(AWS_SECRET_ACCESS_KEY=KEY, PROMPTCTL_ALLOW_KEYS="AWS_SECRET_ACCESS_KEY").code == 0
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.slow
def test_the_operators_environment_counts_and_the_repositorys_does_not(tmp_path: Path, server: Any) -> None:
    """A .env of the checkout is not read on the long road either, where litellm would like to."""
    project = make_project(tmp_path, api_base=server.url, prompt={"parameters": {"logit_bias": {"50256": -100}}})
    project.write(".env", f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\nLITELLM_LOG=DEBUG\n")
    done = project.json()
    assert done.code == 0
    assert done.document["provenance"]["litellm"]  # this was the long road
    assert done.err == ""
    assert KEY not in str(server.requests[-1].headers)


def test_code_of_the_repository_runs_only_where_it_may(tmp_path: Path, server: Any) -> None:
    cases = [
        case("python", {"python": "check.py:ok"}),
        case("command", {"command": ["sh", "-c", "touch ran; echo '{\"pass\": true}'"]}),
        case("negated", {"not-python": "check.py:ok"}),
        case("plain"),
    ]
    project = make_project(tmp_path, api_base=server.url, cases=cases)
    project.write(
        "check.py",
        "import os\ndef ok(output, context):\n    open('ran', 'w').close()\n    return {'pass': not os.environ.get('OPENAI_API_KEY'), 'score': 1.0, 'reason': str(sorted(os.environ))}\n",
    )
    refused = project.json("--no-exec", OPENAI_API_KEY=KEY)
    assert refused.code == 3
    assert {name: result["outcome"] for name, result in refused.cases().items()} == {
        "python": "error", "command": "error", "negated": "error", "plain": "pass",
    }  # fmt: skip
    assert "--no-exec" in refused.cases()["python"]["assertions"][0]["reason"]
    assert not (tmp_path / "ran").exists()
    ran = project.json(OPENAI_API_KEY=KEY, GITHUB_TOKEN="ghp_" + "a" * 36)
    assert ran.code == 1  # the negated one fails: the function found no key
    assert ran.cases()["python"]["outcome"] == "pass"
    assert "GITHUB_TOKEN" not in ran.cases()["python"]["assertions"][0]["reason"]
    assert ran.cases()["command"]["outcome"] == "pass"


def test_no_key_is_ever_written(tmp_path: Path, server: Any) -> None:
    """The model repeats the key it was asked with, a key of another shape, and the server does in its errors."""
    other = "AKIAABCDEFGHIJKLMNOP"
    named = "plain-words-that-are-a-token"
    variables = {"OPENAI_API_KEY": KEY, "DEPLOY_TOKEN": named}
    server.answers.reply = lambda _: f"keys: {KEY} and {other} and {named}"
    cases = [case("told", {"contains": "keys"}), case("shown", {"contains": KEY[:9] + "-absent"})]
    project = make_project(tmp_path, api_base=server.url, cases=cases)
    reports = [
        argument for kind in ("json", "html", "markdown", "junit") for argument in ("--report", f"{kind}=r.{kind}")
    ]
    done = project.eval("--verbose", *reports, **variables)
    assert done.code == 1
    recorded = project.eval("--record", **variables)
    assert recorded.code in (1, 3)
    assert "1 passed" in done.out
    server.fail("401")
    failed = project.eval("--refresh", "--report", "json=e.json", **variables)
    assert failed.code == 3
    said = "".join(run.out + run.err for run in (done, recorded, failed))
    found = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(path.endswith("traces.jsonl") for path in found)
    assert any(path.endswith("r.html") for path in found)
    assert "repeats the value of DEPLOY_TOKEN: it is not kept" in done.err
    for secret in (KEY, other, named):
        assert secret not in said
        for path, data in found.items():
            # What only looks like somebody's key may be kept in the cache, which is never committed or shown.
            assert secret.encode() not in data or (secret == other and path.endswith("cache.sqlite")), path


# Text that wants to steer a terminal, a CI log, a Markdown page, a script or an XML file.
HOSTILE = "\x1b[2J\x1b]0;owned\x07 ::error::owned\n::error file=a::owned\n##vso[task.complete]owned\n</script><script>alert(1)</script> ]]> | a | b |\n|---|\n![x](http://evil.example/x) <img src=x> \x9b31m \u202eabc ```\n```sh"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Tags(HTMLParser):
    """The tags and addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_hostile_text_is_harmless_in_every_format(tmp_path: Path, server: Any) -> None:
    server.answers.reply = lambda _: HOSTILE
    name = " ".join(word for word in HOSTILE.split() if word.isprintable())
    project = make_project(
        tmp_path,
        api_base=server.url,
        cases=[case(name, {"contains": HOSTILE + "absent", "name": name}, said=HOSTILE, tags=[name])],
        prompt={"system_prompt": "{% raw %}" + HOSTILE + "{% endraw %}", "description": HOSTILE},
    )
    kinds = ("text", "json", "markdown", "junit", "sarif", "github", "gitlab", "html")
    reports = [argument for kind in kinds for argument in ("--report", f"{kind}=r.{kind}")]
    done = project.eval("--verbose", *reports, GITHUB_ACTIONS="true", CI="true")
    assert done.code == 1, done.err
    written = {kind: (tmp_path / f"r.{kind}").read_text() for kind in kinds}
    for kind in ("text", "markdown", "junit", "github", "html"):
        assert not STEERING.search(written[kind]), kind
    for text in (done.out, done.err, written["text"], written["markdown"], written["junit"]):
        assert not STEERING.search(text)
        assert not re.search(r"^\s*::", text, re.MULTILINE)
        assert not re.search(r"##\w*\[", text)
    commands = [line for line in written["github"].splitlines() if line.startswith("::")]
    assert commands
    assert not any(line.startswith(("::error::owned", "::error file=a::owned")) for line in commands)
    assert len(commands) == len([line for line in written["github"].splitlines() if line.lstrip().startswith("::")])
    suites = ET.fromstring(written["junit"])
    assert len(list(suites.iter("testcase"))) == 1
    page = Tags()
    page.feed(written["html"])
    assert "img" not in page.tags
    assert page.tags.count("script") <= written["html"].count("<script")
    assert "alert(1)" not in re.sub(r"&lt;script&gt;alert\(1\)", "", written["html"])
    assert not any("evil.example" in address for address in page.addresses)
    prose = re.sub(r"(?ms)^(`{3,})[^\n]*\n.*?^\1$", "", written["markdown"])
    assert "<img" not in prose
    assert "<script" not in prose
    # Within a block of HTML Markdown is no markup; everywhere else its signs are escaped.
    assert "![x](http" not in "\n".join(text for text in prose.splitlines() if not text.startswith("<"))
    document = json.loads(written["json"])
    assert document["results"][0]["completion"]["output"] == HOSTILE  # JSON carries it whole, escaped
    assert not STEERING.search(written["json"].replace("\x7f", "").replace("\x9b", "").replace("\u202e", ""))
    json.loads(written["gitlab"])
    json.loads(written["sarif"])


def test_hostile_names_in_errors_are_harmless(tmp_path: Path) -> None:
    project = make_project(tmp_path, api_base=None)
    project.write("golden/bot.yaml", json.dumps({"cases": [case("a", {"\x1b[2J::error::": 1})]}))
    for done in (
        project.eval(),
        project.eval("\x1b[2J\n::error::x"),
        project.eval("--case", "\x1b[2J\n::error::x"),
        project.eval("--\x1b[2J\n::error::x"),
        project.eval("--format", "\x1b[2J\n::error::x"),
    ):
        assert done.code in (2, 4)
        assert not STEERING.search(done.err), done.err
        assert not re.search(r"^\s*::", done.err, re.MULTILINE), done.err


def test_nothing_leaves_the_project(tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("outside")
    project = make_project(tmp_path / "project", api_base=None)
    project.write("o.jsonl", lines({"case": "hello", "output": "hello"}))
    (project.root / "link.yaml").symlink_to(outside)
    for assertion, prompt in (
        ({"json-schema": "../secret.txt"}, {}),
        ({"json-schema": str(outside)}, {}),
        ({"json-schema": {"$ref": "https://example.com/schema.json"}}, {}),
        ({"json-schema": "link.yaml"}, {}),
        ({"python": "../secret.txt:f"}, {}),
        (None, {"user_prompt": "{% include '../secret.txt' %}{{ input }}"}),
        (None, {"user_prompt": "{% include 'link.yaml' %}{{ input }}"}),
        (None, {"golden": "../golden.yaml"}),
    ):
        broken = make_project(
            project.root, api_base=None, git=False, prompt=prompt,
            cases=[case("hello", assertion) if assertion else case("hello")],
        )  # fmt: skip
        done = broken.eval("--outputs", "o.jsonl")
        assert (done.code, done.out) == (2, ""), (assertion, prompt)
        assert "outside" not in done.err.replace(str(outside), "").replace("lies outside", "")


def test_the_prompts_parameters_are_an_allow_list(tmp_path: Path, server: Any) -> None:
    for name in ("api_base", "api_key", "extra_headers", "mock_response", "drop_params", "base_url", "num_retries"):
        project = make_project(tmp_path, api_base=server.url, git=False, prompt={"parameters": {name: "x"}})
        done = project.eval()
        assert done.code == 2
        assert re.search(rf"prompts/bot\.yaml:\d+:\d+: .*{name}", done.err), done.err
    assert not server.requests
