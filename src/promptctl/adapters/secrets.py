"""The one door to detect-secrets: its plugins' patterns for API keys and tokens, beside the newer ones of model providers.

Only the plugins' own regular expressions are used: no file scanner, no global settings, no process pool, no
verification against a service. Left out are the plugins that guess, because prompts are prose: high entropy, words
such as `password:`, public IP addresses, and Artifactory's passwords (AP followed by eight letters is a word).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from detect_secrets.filters.heuristic import is_prefixed_with_dollar_sign, is_templated_secret
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from promptctl.adapters.leaks import START
from promptctl.rules.engine.context import Leak

# What each plugin's find is called in a message.
_PLUGINS: tuple[tuple[type[RegexBasedDetector], str], ...] = (
    (AWSKeyDetector, "an AWS key"),
    (AzureStorageKeyDetector, "an Azure storage key"),
    (BasicAuthDetector, "a password in a URL"),
    (CloudantDetector, "a Cloudant key"),
    (DiscordBotTokenDetector, "a Discord bot token"),
    (GitHubTokenDetector, "a GitHub token"),
    (GitLabTokenDetector, "a GitLab token"),
    (IbmCloudIamDetector, "an IBM Cloud key"),
    (IbmCosHmacDetector, "an IBM Cloud storage key"),
    (JwtTokenDetector, "a JSON Web Token"),
    (MailchimpDetector, "a Mailchimp key"),
    (NpmDetector, "an npm token"),
    (OpenAIDetector, "an OpenAI key"),
    (PypiTokenDetector, "a PyPI token"),
    (SendGridDetector, "a SendGrid key"),
    (SlackDetector, "a Slack token"),
    (SoftlayerDetector, "a SoftLayer key"),
    (SquareOAuthDetector, "a Square token"),
    (StripeDetector, "a Stripe key"),
    (TelegramBotTokenDetector, "a Telegram bot token"),
    (TwilioKeyDetector, "a Twilio key"),
)
# Formats that detect-secrets does not know, by their documented prefixes.
_FORMATS = (
    ("an Anthropic key", r"sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{20,}"),
    ("an OpenRouter key", r"sk-or-v1-[A-Za-z0-9_-]{20,}"),
    # A slug such as sk-bratislava-2024-... has short words, a key has none.
    ("an API key", r"sk-(?=[A-Za-z_-]{0,40}[0-9])(?=[A-Za-z0-9_-]{0,60}?[A-Za-z0-9_]{16})[A-Za-z0-9_-]{20,}"),
    ("a Google API key", r"AIza[A-Za-z0-9_-]{35}"),
    ("a Google OAuth secret", r"GOCSPX-[A-Za-z0-9_-]{24,}"),
    ("a Groq key", r"gsk_[A-Za-z0-9]{32,}"),
    ("an xAI key", r"xai-[A-Za-z0-9]{32,}"),
    ("a Hugging Face token", r"hf_[A-Za-z0-9]{30,}"),
    ("a Replicate token", r"r8_[A-Za-z0-9]{37,}"),
    ("a Perplexity key", r"pplx-[A-Za-z0-9]{40,}"),
    ("an NVIDIA key", r"nvapi-[A-Za-z0-9_-]{60,}"),
    ("a Pinecone key", r"pcsk_[A-Za-z0-9_]{40,}"),
    ("a LangSmith key", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    ("a GitHub token", r"github_pat_[A-Za-z0-9_]{30,}"),
    ("an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("a Slack token", r"xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{30,}"),
    ("a Databricks token", r"dapi[a-f0-9]{32}"),
    ("a DigitalOcean token", r"do[opr]_v1_[a-f0-9]{64}"),
    ("a bearer token", r"[Aa]uthorization\W{1,6}[Bb]earer\s+(?P<value>[A-Za-z0-9._~+/=-]{16,})"),
)
_SHAPES = tuple((kind, re.compile(START + shape)) for kind, shape in _FORMATS)
_SHORTEST_KEY = 12
_END = re.compile(r"[\w~+/=-]*")


def find(text: str) -> Sequence[Leak]:
    """The API keys and tokens in a text, in their order; where two formats claim one place, the longer."""
    claims = sorted(_claims(text), key=lambda leak: (leak.start, leak.start - leak.end))
    found: list[Leak] = []
    for leak in claims:
        value = text[leak.start : leak.end]
        if is_templated_secret(value) or is_prefixed_with_dollar_sign(value):
            continue
        if not found or leak.start >= found[-1].end:
            found.append(leak)
    return found


def _claims(text: str) -> Iterator[Leak]:
    for kind, shape in _SHAPES:
        for match in shape.finditer(text):
            yield Leak(kind, *match.span("value" if "value" in shape.groupindex else 0))
    for plugin, kind in _opened():
        for pattern in plugin.denylist:
            for match in pattern.finditer(text):
                start, end = _value(match, password=isinstance(plugin, BasicAuthDetector))
                if _in_word(text, start) or not any(plugin.analyze_string(match.group())):
                    continue
                yield Leak(kind, start, end if text[end - 1 : end].isspace() else _whole(text, end, kind))


def _value(match: re.Match[str], *, password: bool) -> tuple[int, int]:
    """Where the secret itself stands: a plugin's group where that is one, else all of the match."""
    groups = [index for index in range(1, (match.re.groups or 0) + 1) if match.group(index)]
    chosen = max(groups, key=lambda index: len(match.group(index)), default=0)
    return match.span(chosen if password or len(match.group(chosen)) >= _SHORTEST_KEY else 0)


def _in_word(text: str, start: int) -> bool:
    """A key begins where a word begins; the middle of a hash is none."""
    return start > 0 and text[start].isalnum() and (text[start - 1].isalnum() or text[start - 1] == "_")


def _whole(text: str, end: int, kind: str) -> int:
    """Where the word ends: a plugin's pattern may stop at the shortest key of its kind."""
    if kind == "a password in a URL":
        return end
    rest = _END.match(text, end)
    return rest.end() if rest else end


@cache
def _opened() -> tuple[tuple[RegexBasedDetector, str], ...]:
    return tuple((plugin(), kind) for plugin, kind in _PLUGINS)
