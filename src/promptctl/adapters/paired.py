"""What a comparison of two revisions needs of the outside that one run does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from promptctl.adapters import access
from promptctl.adapters.cache import Cache, Key
from promptctl.adapters.caller import Answers
from promptctl.adapters.llm import Provider
from promptctl.adapters.prices import ModelPrice
from promptctl.adapters.targets import Targets
from promptctl.model.config import Config
from promptctl.model.errors import InputError
from promptctl.model.run import Completion, Request


class PairedProvider(Provider):
    """Sends the requests of both sides. A scripted model is a file of the repository: each side's is its own, and so is
    the code of a target, which `targets` finds.

    read, base_read: a root-relative path to its bytes on the head and at the base. config: the one in force for both.
    """

    def __init__(
        self,
        config: Config,
        environ: Mapping[str, str],
        *,
        read: Callable[[str], bytes],
        base_read: Callable[[str], bytes],
        allow_hosts: Iterable[str] = (),
        targets: Targets | None = None,
    ) -> None:
        hosts = tuple(allow_hosts)
        super().__init__(config, environ, read=read, allow_hosts=hosts, targets=targets)
        self._head_read = read
        self._base = Provider(config, environ, read=base_read, allow_hosts=hosts)

    async def send(self, request: Request, *, timeout_s: float, stream: bool = False, sample: int = 0) -> Completion:
        """Ask once, as `Provider.send`."""
        if self._is_base(request):
            return await self._base.send(request, timeout_s=timeout_s, stream=stream, sample=sample)
        return await super().send(request, timeout_s=timeout_s, stream=stream, sample=sample)

    async def close(self) -> None:
        """Close every connection of both."""
        await self._base.close()
        await super().close()

    def price(self, model: str, service_tier: str | None = None) -> ModelPrice | None:
        """The price of a model on both sides: a scripted model's is the base's, where the base has that model."""
        try:
            found = self._base.price(model, service_tier)
        except InputError:
            found = None
        return found or super().price(model, service_tier)

    def _is_base(self, request: Request) -> bool:
        if access.provider_of(request.model) != "scripted":
            return False
        try:
            return request.endpoint != access.endpoint_of(request.model, Config(), self._head_read)
        except InputError:  # only the base has it
            return True


class AgedAnswers(Answers):
    """Stored answers, of which those older than `most_age_s` do not count; without an age of their own they are old.

    Offline nobody can be asked anew, so that every age counts there; `old` tells how many there were.
    """

    def __init__(
        self,
        cache: Cache,
        recorded: Mapping[Key, Completion],
        *,
        offline: bool,
        ahead: Mapping[Key, Completion] | None,
        most_age_s: float,
    ) -> None:
        super().__init__(cache, recorded, offline=offline, ahead=ahead)
        self._oldest = datetime.now(UTC) - timedelta(seconds=most_age_s)
        self.old: set[Key] = set()

    def find(self, request: Request, sample: int) -> Completion | None:
        """The answer as `Answers.find` has it, young enough."""
        found = super().find(request, sample)
        if found is None or self._is_young(found):
            return found
        self.old.add((request.digest, sample))
        return found if self.offline else None

    def _is_young(self, found: Completion) -> bool:
        try:
            at = datetime.fromisoformat(found.received_at or "")
        except ValueError:
            return False
        return (at if at.tzinfo else at.replace(tzinfo=UTC)) >= self._oldest
