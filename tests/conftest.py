"""What every test may use: where the outside data is, and an environment no key can leak from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow machine is no reason to fail; what may not take long has a benchmark.
settings.register_profile("promptctl", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("promptctl")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of outside data sets, which are not part of the project; skips where it is absent."""
    places = [os.environ.get("PROMPTCTL_TEST_DATA"), str(REPOSITORY.parent / "shared" / "data")]
    for place in places:
        if place and Path(place).is_dir():
            return Path(place)
    pytest.skip("the outside data sets are not here (set PROMPTCTL_TEST_DATA to their folder)")
