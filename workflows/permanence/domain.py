"""What permanence planning brings to the engine, as `engine.domain.Domain` asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from engine.domain import (
    Allocation,
    DeadlineChange,
    DerivedDeadline,
    Domain,
    FactChange,
    FactType,
    FactValue,
    Role,
    Timescale,
)
from workflows.permanence import allocation, deadlines, functions
from workflows.permanence.calendar import add_days, calendar_for

LONDON = ZoneInfo("Europe/London")


class PermanenceDomain:
    """Permanence planning in England; holds nothing, every answer follows from the arguments."""

    def calendar_version(self, closures: Sequence[date]) -> str:
        """Return the version of the working-day calendar with these closure days."""
        return calendar_for(closures).version

    def derive_deadlines(
        self,
        timescales: Sequence[Timescale],
        *,
        facts: Mapping[str, FactValue],
        fact_types: Mapping[str, FactType],
        closures: Sequence[date],
    ) -> list[DerivedDeadline]:
        """Return one deadline for each row whose day 0 is known, in the rows' order."""
        return deadlines.derive_deadlines(
            timescales, facts=facts, fact_types=fact_types, closures=closures
        )

    def reconcile_deadlines(
        self,
        current: Sequence[DerivedDeadline],
        derived: Sequence[DerivedDeadline],
        *,
        changed: Sequence[FactChange],
        fact_types: Mapping[str, FactType],
    ) -> list[DeadlineChange]:
        """Return what happened to the open deadlines `current`, given the rows now derived."""
        return deadlines.reconcile_deadlines(
            current, derived, changed=changed, fact_types=fact_types
        )

    def functions(
        self, *, today: date, closures: Sequence[date], facts: Mapping[str, FactValue]
    ) -> dict[str, Callable[..., object]]:
        """Return the date functions a diagram may call, PACK.md "Diagrams"."""
        return functions.functions_for(today=today, closures=closures, facts=facts)

    def facts_read(self, function: str) -> tuple[str, ...]:
        """Return the facts that one of `functions` reads, whatever its arguments."""
        return functions.FACTS_READ.get(function, ())

    def allocate(
        self, role: Role, *, roles: Mapping[str, Role], facts: Mapping[str, FactValue]
    ) -> Allocation:
        """Return who gets a work item of `role` in a case with these facts."""
        return allocation.allocate(role, roles=roles, facts=facts)

    def breach_instant(self, limit_on: date) -> datetime:
        """Return 00:00 Europe/London on the day after `limit_on`, aware, in UTC."""
        return self.start_of(add_days(limit_on, 1))

    def start_of(self, day: date) -> datetime:
        """Return 00:00 Europe/London of `day`, aware, in UTC."""
        return datetime.combine(day, time(), LONDON).astimezone(UTC)

    def today(self, now: datetime) -> date:
        """Return the Europe/London calendar date at the aware instant `now`.

        Raises:
            ValueError: `now` carries no zone; guessing one would be wrong half of the year.
        """
        if now.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return now.astimezone(LONDON).date()


DOMAIN: Domain = PermanenceDomain()
