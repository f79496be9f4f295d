"""The engine of a gate: recordings and scripts of both sides, stored answers that are young enough, one set of prices."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from promptctl.adapters.cache import Cache, Key
from promptctl.adapters.caller import Answers, Caller
from promptctl.adapters.paired import AgedAnswers, PairedProvider
from promptctl.adapters.prices import Usage, cost_usd
from promptctl.adapters.recordings import read_recordings
from promptctl.adapters.target_sides import TargetSides
from promptctl.adapters.targets import Targets
from promptctl.cli.bench import reader
from promptctl.cli.engine import Asked, Engine
from promptctl.cli.gate_plan import GatePlan, Scene
from promptctl.cli.gate_targets import urls_of
from promptctl.cli.output import Output
from promptctl.cli.workspace import Workspace
from promptctl.evals.plan import Plan, PlannedCase
from promptctl.evals.run import Answering
from promptctl.model.run import Completion


class GateEngine(Engine):
    """Runs the plans of both sides. most_age_s: stored answers older than that are asked anew."""

    def __init__(
        self, workspace: Workspace, scene: Scene, plan: GatePlan, asked: Asked, output: Output, cache: Path | None
    ) -> None:
        super().__init__(workspace, scene.config, asked, output, cache)
        self._scene = scene
        self._plan = plan
        self.most_age_s = float("inf")
        self.answers: AgedAnswers | None = None
        self._prices: PairedProvider | None = None

    def _provider(self) -> PairedProvider:
        provider = PairedProvider(
            self._config,
            os.environ,
            read=reader(self._scene.head.tree),
            base_read=reader(self._scene.base.tree),
            allow_hosts=self._asked.allow_hosts,
            targets=self._targets(),
        )
        self._prices = provider
        return provider

    def _targets(self) -> Targets:
        """Each side's code runs in a folder of that side's files."""
        scene = self._scene
        sides = TargetSides(self._workspace.root, scene.base.tree, scene.head.tree, urls_of(scene.head))
        return replace(super()._targets(), places=sides)

    def _recorded(self, prompts: Collection[str]) -> Mapping[Key, Completion]:
        """The base's recordings; the head's only of what the base does not ask: a change records nothing for the base."""
        names = {*prompts, *(one.name for one in self._scene.base.prompts)}
        base = read_recordings(self._scene.base.tree, self._scene.base.config.recordings, names)
        head = read_recordings(self._scene.head.tree, self._scene.head.config.recordings, names)
        asked_by_base = {case.request.digest for one in self._plan.affected if one.base for case in one.base.plan.cases}
        return {**{key: found for key, found in head.items() if key[0] not in asked_by_base}, **base}

    def _answers(self, plan: Plan, cache: Cache) -> Answers:
        recorded = self._recorded({planned.prompt.name for planned in plan.cases})
        keys = [(planned.request.digest, sample) for planned in plan.cases for sample in range(planned.samples)]
        self.answers = AgedAnswers(
            cache, recorded, offline=self._asked.offline, ahead=cache.get_many(keys), most_age_s=self.most_age_s
        )
        return self.answers

    def _answering(self, caller: Caller) -> Answering:
        async def answer(planned: PlannedCase, sample: int) -> Completion:
            return self._priced(planned, await caller(planned.request, sample))

        return answer

    def _priced(self, planned: PlannedCase, found: Completion) -> Completion:
        """The completion at the prices in force now, on both sides alike; a discount for a cached prefix is luck."""
        if planned.request.target is not None:
            return found  # it says itself what its answer cost
        tier = planned.request.parameters.get("service_tier")
        price = None if self._prices is None else self._prices.price(planned.request.model, tier)
        cost = cost_usd(price, Usage(input_tokens=found.input_tokens, output_tokens=found.output_tokens))
        return found if cost is None else replace(found, cost_usd=cost)
