"""Which models are relatives: made by one house from one line of models, whoever serves them."""

from __future__ import annotations

import re

# The first that matches: a distillation is named for both, and writes like its teacher.
_FAMILIES = (
    ("DeepSeek", r"deepseek"),
    ("Claude", r"claude"),
    ("GPT", r"(?:^|[/.:-])(?:gpt|chatgpt|codex|o[134])(?=[-.:]|$|\d)|davinci|babbage"),
    ("Gemini", r"gemini|gemma|palm"),
    ("Llama", r"llama"),
    ("Mistral", r"mistral|mixtral|ministral|magistral|codestral|devstral|pixtral"),
    ("Command", r"command-|c4ai|(?:^|/)aya"),
    ("Grok", r"grok"),
    ("Qwen", r"qwen|qwq"),
    ("Nova", r"amazon\.nova|(?:^|/)nova-"),
    ("Phi", r"(?:^|/)phi-?\d"),
    ("Kimi", r"kimi|moonshot"),
    ("GLM", r"(?:^|/)(?:chat)?glm-"),
    ("Jamba", r"jamba"),
    ("Granite", r"granite"),
)
_COMPILED = tuple((name, re.compile(shape)) for name, shape in _FAMILIES)


def family_of(model: str) -> str | None:
    """The family of `provider/model` by its name; None where the name does not tell, for scripted models and targets."""
    provider, _, _ = model.partition("/")
    if provider in ("scripted", "target", "azure", "azure_ai"):  # a deployment may have any name
        return None
    lowered = model.lower().removeprefix("ollama_chat/").removeprefix("ollama/")
    return next((name for name, shape in _COMPILED if shape.search(lowered)), None)
