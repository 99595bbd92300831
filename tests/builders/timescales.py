"""Timescale rows and facts of Dudley's and Wokingham's policies, and DMN text, for unit tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

from engine.domain import (
    Amount,
    DaysOff,
    DerivedDeadline,
    Direction,
    FactType,
    FactValue,
    Timescale,
    Unit,
)
from workflows.permanence.deadlines import derive_deadlines

DMN_NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def date_fact(name: str, label: str, day_phrase: str, **more: object) -> FactType:
    return FactType(name, "date", label, day_phrase, **more)


FACT_TYPES = {
    fact.name: fact
    for fact in [
        date_fact("came_into_care_on", "Came into care", "the day the child came into care"),
        date_fact("identified_on", "Identified", "the day the child was identified"),
        date_fact(
            "clock_started_on", "Clock started", "",
            earliest_of=("came_into_care_on", "identified_on"),
        ),
        date_fact("last_ppm_held_on", "Last meeting", "the day the last meeting was held"),
        date_fact("care_plan_updated_on", "Care plan", "the day the care plan was updated"),
        date_fact("last_review_held_on", "Last review", "the day the last review was held"),
        date_fact("next_review_on", "Next review", "the day booked for the review"),
        FactType("permanence_confirmed", "boolean", "Permanence confirmed"),
    ]
}  # fmt: skip


def timescale(
    key: str,
    *,
    count_from: str | tuple[str, ...],
    count: int,
    unit: Unit,
    direction: Direction = "after",
    deadline: str = "ppm",
    met_by: str = "last_ppm_held_on",
    opens_before: Amount | None = None,
    rules: str = "D-05",
    assumption: bool = False,
    calendar: str = "",
    then: tuple[tuple[Amount, Direction], ...] = (),
    extended_by: str = "",
    not_before: Amount | None = None,
) -> Timescale:
    return Timescale(
        key=key,
        deadline=deadline,
        count_from=(count_from,) if isinstance(count_from, str) else count_from,
        amount=Amount(count, unit),
        direction=direction,
        met_by=met_by,
        opens_before=opens_before,
        rule_ids=tuple(rules.split()),
        source_sentence="",
        source_ref="Practice guidance p1",
        assumption=assumption,
        calendar=calendar,
        then=then,
        extended_by=extended_by,
        not_before=not_before,
    )


FIRST_PPM = timescale("first", count_from="clock_started_on", count=10, unit="working days")
NEXT_PPM = timescale(
    "next", count_from="last_ppm_held_on", count=6, unit="weeks", rules="D-06",
    opens_before=Amount(15, "working days"),
)  # fmt: skip
BEFORE_REVIEW = timescale(
    "before_review", count_from="next_review_on", count=1, unit="working days",
    direction="before", rules="D-30",
)  # fmt: skip
FIRST_REVIEW = timescale(
    "first_review", count_from="came_into_care_on", count=20, unit="working days",
    deadline="cic_review", met_by="last_review_held_on", rules="D-36",
)  # fmt: skip
CARE_PLAN = timescale(
    "care_plan", count_from="last_ppm_held_on", count=5, unit="working days",
    deadline="care_plan", met_by="care_plan_updated_on", rules="D-35",
)  # fmt: skip


def derive(
    rows: Sequence[Timescale], *, closures: Sequence[date] = (), **facts: FactValue
) -> list[DerivedDeadline]:
    days_off = DaysOff(closures=tuple(closures))
    return derive_deadlines(rows, facts=facts, fact_types=FACT_TYPES, days_off=days_off)


def dmn(
    *rules: tuple[Sequence[str], Sequence[str]],
    inputs: Sequence[str] = ("x",),
    outputs: Sequence[str] = ("out",),
    policy: str = "UNIQUE",
    aggregation: str = "",
    extra: str = "",
) -> bytes:
    """Return one decision `table` with rules `row_1`, …, as dmn-js would write it."""

    def cells(kind: str, texts: Sequence[str]) -> str:
        return "".join(f"<{kind}><text>{escape(text)}</text></{kind}>" for text in texts)

    columns = "".join(
        f"<input><inputExpression><text>{escape(text)}</text></inputExpression></input>"
        for text in inputs
    ) + "".join(f'<output name="{name}"/>' for name in outputs)
    rows = "".join(
        f'<rule id="row_{n}">{cells("inputEntry", tests)}{cells("outputEntry", values)}</rule>'
        for n, (tests, values) in enumerate(rules, start=1)
    )
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{DMN_NAMESPACE}">'
        f'<decision id="table" name="Table">{extra}'
        f'<decisionTable hitPolicy="{policy}"{aggregated}>{columns}{rows}</decisionTable>'
        "</decision></definitions>"
    ).encode()
