"""The short road: an aiohttp session that speaks OpenAI's chat format, for the requests of llm_body."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import certifi

from promptctl import __version__
from promptctl.adapters.llm_answers import NotAnAnswer, Said, Stream, read_chat
from promptctl.adapters.llm_body import body, url
from promptctl.adapters.llm_errors import Refusal, classify, connection_failed, malformed
from promptctl.model.errors import CallFailed
from promptctl.model.run import Request

SAID_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Told:
    """What a server answered. data: the body as it was sent; None where it is longer than was asked for."""

    status: int
    headers: Mapping[str, str]
    data: bytes | None


class Wire:
    """One session for one event loop. Redirects are not followed and proxies of the environment not used.

    authorities: a file of certificates to trust beside the usual ones. as_sent: bodies are not decompressed.
    """

    def __init__(self, *, authorities: str | None = None, as_sent: bool = False) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._authorities = authorities
        self._as_sent = as_sent

    async def send(self, request: Request, key: str | None, *, stream: bool, on_first: Callable[[], None]) -> Said:
        """One attempt. on_first is called when a stream's first token arrives. Raises CallFailed."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        data = body(request, stream=stream)
        try:
            async with self.open().post(url(request), data=data, headers=headers, allow_redirects=False) as response:
                if response.status != 200:
                    raise _refused(request.model, response.status, await response.read(), response.headers)
                if stream:
                    return await _read_stream(request.model, response, on_first)
                return _read_whole(request.model, await response.read())
        except (aiohttp.ClientError, OSError) as error:
            raise connection_failed(request.model, _lost(error)) from error

    async def post(self, url: str, data: bytes, headers: Mapping[str, str], *, who: str, most: int) -> Told:
        """POST to a server that is no model's. who: for messages. Raises CallFailed where the connection fails."""
        try:
            async with self.open().post(url, data=data, headers=headers, allow_redirects=False) as response:
                body = bytearray()
                async for piece in response.content.iter_chunked(1 << 16):
                    body += piece
                    if len(body) > most:
                        return Told(response.status, dict(response.headers), None)
                return Told(response.status, dict(response.headers), bytes(body))
        except (aiohttp.ClientError, OSError) as error:
            raise connection_failed(who, _lost(error)) from error

    async def close(self) -> None:
        """Close the session, inside the loop it was used in."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def open(self) -> aiohttp.ClientSession:
        """The session, made on first use."""
        if self._session is None:
            context = ssl.create_default_context(cafile=certifi.where())
            if self._authorities is not None:
                _trust(context, self._authorities)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=context),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None, sock_read=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=not self._as_sent,
                headers={
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                    "User-Agent": f"promptctl/{__version__}",
                },
            )
        return self._session


def _trust(context: ssl.SSLContext, path: str) -> None:
    """Raises CallFailed, which ends the run: no call can be made with certificates that are not there."""
    try:
        context.load_verify_locations(cafile=path)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else _reason(error)
        message = f"SSL_CERT_FILE: {path} cannot be read: {why}"
        raise CallFailed(message, kind="other", aborts=True) from error


def _lost(error: aiohttp.ClientError | OSError) -> str:
    """Why no whole answer came, without the library's own notation."""
    if isinstance(error, aiohttp.ClientConnectorError):
        where = f"{error.host}:{error.port}"
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return f"no address is known for {error.host}"
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
            return f"{where} has no certificate that is trusted, or does not speak TLS"
        return f"{where} cannot be reached: {_reason(error)}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server hung up without an answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        undecoded = "content-encoding" in str(error)
        return "the answer is not compressed as it says" if undecoded else "the answer broke off before its end"
    if isinstance(error, aiohttp.ClientResponseError):
        return "what came is no HTTP answer"
    return _reason(error)


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if isinstance(number, int) and number > 0 else str(error)


def _read_whole(model: str, data: bytes) -> Said:
    try:
        wire = json.loads(data)
    except ValueError as error:
        raise malformed(model, str(error) if data.strip() else "it is empty") from error
    _raise_error_object(model, wire)
    try:
        return read_chat(wire)
    except NotAnAnswer as error:
        raise malformed(model, str(error)) from error


async def _read_stream(model: str, response: aiohttp.ClientResponse, on_first: Callable[[], None]) -> Said:
    whole, done = Stream(), False
    async for event in _events(response):
        if event == b"[DONE]":
            done = True
            break
        try:
            chunk = json.loads(event)
        except ValueError as error:
            raise malformed(model, str(error)) from error
        _raise_error_object(model, chunk)
        begun = whole.begun
        whole.add(chunk)
        if whole.begun and not begun:
            on_first()
    if not done and whole.ended is None:
        raise malformed(model, "the stream ended before the answer did")
    try:
        return whole.said()
    except NotAnAnswer as error:
        raise malformed(model, str(error)) from error


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The data of server-sent events; one line each, as every OpenAI-compatible server writes them."""
    rest = b""
    async for piece in response.content.iter_any():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


def _raise_error_object(model: str, wire: Any) -> None:  # noqa: ANN401 - decoded JSON
    """Some servers answer 200 and put the error into the body."""
    error = wire.get("error") if isinstance(wire, dict) else None
    if not error:
        return
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 422
    raise classify(Refusal(model, status, body=wire))


def _refused(model: str, status: int, data: bytes, headers: Any) -> CallFailed:  # noqa: ANN401 - aiohttp's multidict
    text = data[:SAID_LIMIT].decode("utf-8", "replace")
    try:
        decoded = json.loads(data)
    except ValueError:
        decoded = None
    return classify(Refusal(model, status, text=text, body=decoded, headers=dict(headers)))
