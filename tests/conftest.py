"""Hypothesis profiles: `dev` by hand, `ci` where CI is set, `nightly` by HYPOTHESIS_PROFILE."""

import os

from hypothesis import HealthCheck, settings

SLOW_DATA = [HealthCheck.too_slow]  # building a policy takes a while on a busy machine

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=SLOW_DATA)
settings.register_profile(
    "ci", max_examples=200, deadline=None, derandomize=True, suppress_health_check=SLOW_DATA
)
settings.register_profile(
    "nightly", max_examples=20_000, deadline=None, suppress_health_check=SLOW_DATA
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev")
)
