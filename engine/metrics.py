"""What is counted while the engine runs, for Prometheus. Labels hold no reference and no name."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

STEPS = Counter("permanence_steps", "Steps of cases", ["kind", "outcome"])
SECONDS = Histogram(
    "permanence_step_seconds",
    "Seconds from the start of a step to its commit",
    ["kind"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
TIMERS_FIRED = Counter("permanence_timers_fired", "Events in which timers of a case fired")


def step(kind: str, outcome: str, seconds: float) -> None:
    """Count one step; `outcome` is done, refused or failed."""
    STEPS.labels(kind, outcome).inc()
    SECONDS.labels(kind).observe(seconds)
