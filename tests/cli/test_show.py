"""`promptctl show` as a process: what is rendered, counted and priced, at which revision, and what bad input gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CHAT = """\
name: chat
version: 1.0.0
model: openai/gpt-4o-2024-08-06
parameters: {max_tokens: 100}
inputs:
  question: {type: string}
  articles: {type: array, default: []}
  anything: {default: null}
messages:
  - {role: system, content: "Answer from the articles: {{ articles | length }}"}
  - {role: user, content: "{{ question }}/{{ anything }}"}
"""


@pytest.fixture
def example(promptctl, project: Path) -> Path:
    assert promptctl("init").code == 0
    return project


@pytest.fixture
def chat(project: Path) -> Path:
    (project / "prompts").mkdir()
    (project / "prompts/chat.yaml").write_text(CHAT)
    return project / "prompts/chat.yaml"


def test_the_first_case_is_shown_without_being_asked_for(promptctl, example: Path) -> None:
    ended = promptctl("show", "ticket-triage")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("── system ───")
    assert "\n── user ───" in ended.out
    assert "\n<ticket>\nMy card was charged twice for order 4711. Please check.\n</ticket>\n" in ended.out
    assert "\ncase        charged-twice\n" in ended.out
    assert "a snapshot: a scripted model is a file of the repository" in ended.out
    assert "\x1b" not in ended.out


def test_another_case_and_a_path_for_a_name(promptctl, example: Path) -> None:
    ended = promptctl("show", "ticket-triage.yaml", "--case", "wish", cwd=example / "prompts")
    assert ended.code == 0
    assert "gift wrapping in green" in ended.out


def test_json_is_what_eval_sends(promptctl, example: Path) -> None:
    shown = promptctl("show", "ticket-triage", "--case", "wish", "--format", "json")
    run = promptctl("eval", "--case", "wish", "--format", "json")
    assert (shown.code, run.code) == (0, 0)
    assert shown.json["request_digest"] == run.json["results"][0]["request_digest"]
    assert shown.json["prompt"]["digest"] == run.json["prompts"][0]["prompt_digest"]
    assert (shown.json["version"], shown.json["kind"], shown.json["case"]) == (1, "show", "wish")
    prices = shown.json["price_usd"]
    tokens = shown.json["tokens"]
    assert prices["input"] == pytest.approx(tokens["input"] * 0.15e-6)
    assert prices["max_total"] == pytest.approx(prices["input"] + 250 * 0.60e-6)


def test_inputs_of_ones_own_are_text_where_text_is_declared_and_json_elsewhere(promptctl, chat: Path) -> None:
    ended = promptctl(
        "show",
        "chat",
        "--input",
        "question=42",
        "--input",
        'articles=["a", "b"]',
        "--input",
        "anything=1e2",
        "--format",
        "json",
    )
    assert (ended.code, ended.err) == (0, "")
    assert [message["content"] for message in ended.json["messages"]] == ["Answer from the articles: 2", "42/100.0"]
    assert ended.json["case"] is None
    text = promptctl("show", "chat", "--input", "question=a=b", "--input", "anything=plain {text}")
    assert "a=b/plain {text}\n" in text.out


def test_a_model_of_openai_is_priced_by_the_public_map(promptctl, chat: Path) -> None:
    ended = promptctl("show", "chat", "--input", "question=Hi", "--format", "json")
    # 2.50 and 10.00 USD per million tokens: OpenAI's published price of gpt-4o-2024-08-06
    assert ended.json["price_usd"]["input"] == pytest.approx(ended.json["tokens"]["input"] * 2.5e-6)
    assert ended.json["price_usd"]["max_output"] == pytest.approx(0.001)
    assert ended.json["pinned"] is True
    text = promptctl("show", "chat", "--input", "question=Hi")
    assert "for a call; $0." in text.out
    assert "at most $1.00 out for 1,000 calls" in text.out


def test_an_unknown_price_is_unknown_and_an_alias_no_snapshot(promptctl, chat: Path) -> None:
    chat.write_text(CHAT.replace("openai/gpt-4o-2024-08-06", "hosted_vllm/mine"))
    ended = promptctl("show", "chat", "--input", "question=Hi")
    assert (
        "price       unknown: no price is known for hosted_vllm/mine; `prices:` in promptctl.yaml can give one"
        in ended.out
    )
    chat.write_text(CHAT.replace("gpt-4o-2024-08-06", "gpt-4o"))
    ended = promptctl("show", "chat", "--input", "question=Hi")
    assert "openai/gpt-4o, not a snapshot: " in ended.out
    document = promptctl("show", "chat", "--input", "question=Hi", "--format", "json").json
    assert document["pinned"] is False


def test_a_revision_is_shown_as_it_was(promptctl, git, example: Path) -> None:
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    path = example / "prompts/ticket-triage.yaml"
    path.write_text(path.read_text().replace("web shop", "book shop"))
    git("add", "-A")
    then = promptctl("show", "ticket-triage", "--rev", "HEAD", "--format", "json")
    staged = promptctl("show", "ticket-triage", "--rev", "index")
    now = promptctl("show", "ticket-triage")
    assert (then.code, staged.code, now.code) == (0, 0, 0)
    assert then.json["prompt"]["rev"] == git("rev-parse", "HEAD")
    assert "web shop" in then.out
    assert "book shop" in staged.out
    assert "book shop" in now.out
    unknown = promptctl("show", "ticket-triage", "--rev", "HAED")
    assert unknown.code == 2
    assert "git knows no revision 'HAED'" in unknown.err


def test_what_would_move_the_cursor_or_command_a_runner_is_spelt_out(promptctl, chat: Path) -> None:
    chat.write_text(CHAT.replace("Answer from the articles", "\\e[2J\\n::error::gotcha\\n"))
    ended = promptctl("show", "chat", "--input", "question=x\x1b]0;title\x07")
    assert ended.code == 0
    assert "\x1b" not in ended.out
    assert "\\x1b[2J" in ended.out
    assert "\n::error" not in ended.out
    document = promptctl("show", "chat", "--input", "question=x\u202ey", "--format", "json")
    assert "\u202e" not in document.out
    assert document.json["messages"][1]["content"] == "x\u202ey/None"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["chta"], 4, "there is no prompt 'chta'\n  hint: did you mean 'chat'?"),
        (["chat"], 2, "chat has no golden set to take a case from\n  hint: give its inputs: --input question=..."),
        (["chat", "--input", "question"], 2, "--input 'question' names no input\n  hint: write --input NAME=VALUE"),
        (["chat", "--input", "question=1", "--input", "question=2"], 2, "--input question is given twice"),
        (["chat", "--input", "qestion=1"], 2, "chat takes no input 'qestion'\n  hint: did you mean 'question'?"),
        (["chat", "--input", "question=1", "--input", "articles=1"], 2, "input articles: "),
        (["chat", "--input", "question=1", "--case", "a"], 2, "--case and --input: "),
        (["chat", "--format", "html"], 2, "show has no format 'html'"),
        (["chat", "--case", "a"], 2, "chat has no golden set"),
    ],
)
def test_bad_input_gets_one_message(promptctl, chat: Path, arguments: list[str], code: int, said: str) -> None:
    ended = promptctl("show", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert "bug" not in ended.err


def test_an_unknown_case_is_told_the_nearest(promptctl, example: Path) -> None:
    ended = promptctl("show", "ticket-triage", "--case", "wihs")
    assert ended.code == 4
    assert ended.err == (
        "promptctl: error: golden/ticket-triage.yaml: there is no case 'wihs'\n  hint: did you mean 'wish'?\n"
    )


def test_an_undefined_variable_is_placed_in_the_prompt(promptctl, chat: Path) -> None:
    chat.write_text(CHAT.replace("{{ question }}", "{{ articles.title.name }}"))
    ended = promptctl("show", "chat", "--input", "question=x")
    assert ended.code == 2
    assert "prompts/chat.yaml:11:" in ended.err


def test_tools_and_tool_calls_are_shown(promptctl, project: Path) -> None:
    (project / "prompts").mkdir()
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
    call = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
    (project / "prompts/agent.yaml").write_text(json.dumps({
        "model": "openai/gpt-4o-2024-08-06",
        "inputs": {},
        "messages": [
            {"role": "user", "content": "Where is my order?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "on its way"},
        ],
        "tools": [tool],
    }))  # fmt: skip
    ended = promptctl("show", "agent")
    assert (ended.code, ended.err) == (0, "")
    assert 'tool_calls: [{"id": "c1"' in ended.out
    assert "\non its way\n" in ended.out
    assert "\ntools       look_up\n" in ended.out


def test_on_a_terminal_lines_break_between_words_and_headings_are_bold(promptctl, on_terminal, example: Path) -> None:
    out = on_terminal("show", "ticket-triage", columns=40)
    assert out.startswith("\x1b[1m── system ")
    plain = on_terminal("show", "ticket-triage", columns=40, env={"NO_COLOR": "1"})
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 40
    assert "\nYou triage the tickets of a web shop's\ncustomers. Answer with a JSON object and\n" in plain
    assert plain.split() == promptctl("show", "ticket-triage").out.replace("─" * 40, "").split()
