"""From facts and timescale rows to deadlines, and what a step does to the open ones. Pure.

The conventions: day 0 is not counted, weeks are 7 days, months are clamped,
a LIMIT may fall on a day off and never moves for that; ACT-BY is then the working day before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from engine.domain import (
    Amount,
    DaysOff,
    DeadlineChange,
    DerivedDeadline,
    Direction,
    FactChange,
    FactType,
    FactValue,
    Timescale,
)
from engine.errors import ExpressionError
from workflows.permanence import sentences
from workflows.permanence.calendar import Calendar, add_days, add_months, calendar_for


def derive_deadlines(
    timescales: Sequence[Timescale],
    *,
    facts: Mapping[str, FactValue],
    fact_types: Mapping[str, FactType],
    days_off: DaysOff,
) -> list[DerivedDeadline]:
    """Return one deadline for each row whose day 0 is known, in the rows' order.

    A row may count from a derived fact; of `earliest_of`, its `day_0_fact` is the fact that gave
    the date.

    Raises:
        CalendarExhausted: a date lies outside the calendar's years.
        ExpressionError: a row counts from a fact that holds no date.
    """
    derived = []
    for row in timescales:
        found = _day_0(row.count_from, facts, fact_types)
        if found is not None:
            calendar = _calendar_of(row, days_off)
            row = _extended(row, facts)
            derived.append(_derive(row, *found, fact_types=fact_types, calendar=calendar))
    return derived


def _extended(row: Timescale, facts: Mapping[str, FactValue]) -> Timescale:
    """Return the row with as many units more as the fact of its extension says."""
    more = facts.get(row.extended_by) if row.extended_by else None
    if not isinstance(more, int) or isinstance(more, bool) or more <= 0:
        return row
    return replace(row, amount=Amount(row.amount.count + more, row.amount.unit))


def _derive(
    row: Timescale,
    day_0: date,
    day_0_fact: str,
    *,
    fact_types: Mapping[str, FactType],
    calendar: Calendar,
) -> DerivedDeadline:
    counted_to = limit_on = move(day_0, row.amount, row.direction, calendar=calendar)
    for amount, direction in row.then:
        limit_on = move(limit_on, amount, direction, calendar=calendar)
    act_by_on = calendar.last_working_day_on_or_before(limit_on)
    opens_on = None
    if row.opens_before is not None:
        opens_on = move(act_by_on, row.opens_before, "before", calendar=calendar)
    return DerivedDeadline(
        key=row.key,
        name=row.deadline,
        rule_ids=row.rule_ids,
        day_0=day_0,
        day_0_fact=day_0_fact,
        amount=row.amount,
        direction=row.direction,
        met_by=row.met_by,
        limit_on=limit_on,
        act_by_on=act_by_on,
        opens_on=opens_on,
        assumption=row.assumption,
        source_sentence=row.source_sentence,
        calendar_version=calendar.version,
        explanation=sentences.explain_deadline(
            row,
            day_0=day_0,
            day_0_fact=fact_types.get(day_0_fact),
            counted_to=counted_to,
            limit_on=limit_on,
            act_by_on=act_by_on,
            not_before=_too_early_until(row, day_0, calendar),
            calendar=calendar,
        ),
    )


def _too_early_until(row: Timescale, day_0: date, calendar: Calendar) -> date | None:
    if row.not_before is None:
        return None
    return move(day_0, row.not_before, "after", calendar=calendar)


def windows_open(
    timescales: Sequence[Timescale],
    *,
    facts: Mapping[str, FactValue],
    fact_types: Mapping[str, FactType],
    days_off: DaysOff,
) -> list[date]:
    """Return the first days on which it is not too early, of the rows that have such a day."""
    days = []
    for row in timescales:
        found = _day_0(row.count_from, facts, fact_types)
        if found is not None:
            calendar = _calendar_of(row, days_off)
            days.append(_too_early_until(row, found[0], calendar))
    return [day for day in days if day is not None]


def _calendar_of(row: Timescale, days_off: DaysOff) -> Calendar:
    return calendar_for(replace(days_off, of=row.calendar) if row.calendar else days_off)


def act_ahead(day: date, lead: Amount, *, not_before: date, days_off: DaysOff) -> tuple[date, str]:
    """Return by when to do what must be done `lead` before `day`, and the sentence that says so.

    A working day; never before `not_before`, the day the work opened, and never after `day`.
    """
    calendar = calendar_for(days_off)
    wanted = calendar.last_working_day_on_or_before(move(day, lead, "before", calendar=calendar))
    act_by_on = min(day, max(wanted, not_before))
    return act_by_on, sentences.explain_lead(lead, day, in_time=wanted == act_by_on)


def move(day: date, amount: Amount, direction: Direction, *, calendar: Calendar) -> date:
    """Return the day that lies `amount` after or before `day`, which itself is not counted."""
    if amount.unit == "working days":
        count = calendar.working_day_after if direction == "after" else calendar.working_day_before
        return count(day, amount.count)
    signed = amount.count if direction == "after" else -amount.count
    if amount.unit == "months":
        return add_months(day, signed)
    return add_days(day, signed * 7 if amount.unit == "weeks" else signed)


def _day_0(
    count_from: Sequence[str],
    facts: Mapping[str, FactValue],
    fact_types: Mapping[str, FactType],
) -> tuple[date, str] | None:
    """Return the first set date among `count_from` with the base fact that gave it."""
    for name in count_from:
        bases = fact_types[name].earliest_of if name in fact_types else ()
        found = [(day, base) for base in bases or (name,) if (day := _date_of(base, facts))]
        if found:
            return min(found, key=lambda pair: pair[0])
    return None


def _date_of(name: str, facts: Mapping[str, FactValue]) -> date | None:
    value = facts.get(name)
    if value is None or isinstance(value, date):
        return value
    raise ExpressionError(name, f"a deadline counts from it, but it holds {value!r}, not a date")


def reconcile_deadlines(
    current: Sequence[DerivedDeadline],
    derived: Sequence[DerivedDeadline],
    *,
    changed: Sequence[FactChange],
    fact_types: Mapping[str, FactType],
    stopped: Mapping[str, frozenset[str]],
) -> list[DeadlineChange]:
    """Return what happened to the open deadlines `current`, given the rows now derived.

    Args:
        stopped: key of a row that holds no longer -> the facts for which it does not; they give
            the reason.

    A deadline whose `met_by` was recorded is met (or late, by its own LIMIT) unless it is derived
    just as before; any other that is derived no longer, or with other dates, is superseded or
    cancelled with its reason. An unmet duty stands when its kind of event happens again (a second
    meeting gives the care plan due after the first no more time). First the ends, in the order of
    `current`, then the openings.
    """
    rows = {row.key: row for row in derived}
    ended = [
        row
        for row in current
        if not _same(row, rows.get(row.key))
        and not _stands(row, rows.get(row.key), changed, fact_types)
    ]
    staying = {row.key for row in current} - {row.key for row in ended}
    fresh = {key: row for key, row in rows.items() if key not in staying}
    met = [(row, change) for row in ended if (change := _meeting(row, changed)) is not None]
    unmet = [row for row in ended if all(row is not done for done, _ in met)]
    replacements = _replacements(unmet, fresh)
    open_names = {row.name for row in derived}

    changes = []
    for row in ended:
        meeting = next((change for done, change in met if done is row), None)
        if meeting is not None:
            changes.append(_met(row, meeting))
        elif row.key in replacements:
            against = stopped.get(row.key, frozenset())
            changes.append(_superseded(row, replacements[row.key], changed, fact_types, against))
        else:
            against = stopped.get(row.key, frozenset())
            another = row.name in open_names
            changes.append(_gone(row, changed, fact_types, against, another=another))
    taken = {row.key for row in replacements.values()}
    changes += [
        DeadlineChange("opened", derived=row) for key, row in fresh.items() if key not in taken
    ]
    return changes


def _same(current: DerivedDeadline, derived: DerivedDeadline | None) -> bool:
    """Whether nothing that anybody works to has changed. ACT-BY alone moves with a closure."""
    return derived is not None and _dates(current) == _dates(derived)


def _stands(
    current: DerivedDeadline,
    derived: DerivedDeadline | None,
    changed: Sequence[FactChange],
    fact_types: Mapping[str, FactType],
) -> bool:
    """Whether an unmet duty stands although its kind of event happened again.

    A second meeting does not give the care plan that was due after the first one more time:
    an event moves a LIMIT later only by a correction.
    """
    if derived is None or derived.day_0 <= current.day_0 or _meeting(current, changed):
        return False
    kind = fact_types.get(derived.day_0_fact)
    corrected = any(c.corrects and c.name == derived.day_0_fact for c in changed)
    return kind is not None and kind.latest and not corrected


def _dates(row: DerivedDeadline) -> tuple[object, ...]:
    return (row.name, row.day_0, row.limit_on, row.act_by_on, row.opens_on)


def _meeting(row: DerivedDeadline, changed: Sequence[FactChange]) -> FactChange | None:
    """Return the change that met the deadline. A corrected date of an earlier meeting does not."""
    for change in changed:
        recorded = change.new is not None and change.new is not False
        if change.name == row.met_by and recorded and (change.old is None or not change.corrects):
            return change
    return None


def _met(row: DerivedDeadline, change: FactChange) -> DeadlineChange:
    day = change.new
    if isinstance(day, str):
        day = date.fromisoformat(day)
    met_on = day if isinstance(day, date) else None
    late = met_on is not None and met_on > row.limit_on
    return DeadlineChange("late" if late else "met", previous=row.key, met_on=met_on)


def _replacements(
    unmet: Sequence[DerivedDeadline], fresh: Mapping[str, DerivedDeadline]
) -> dict[str, DerivedDeadline]:
    """Return which fresh row takes each ended deadline's place, by key, each used once.

    The same row first; failing that a row of the same deadline that carries the same rules.
    """
    found = {row.key: fresh[row.key] for row in unmet if row.key in fresh}
    for row in unmet:
        taken = {used.key for used in found.values()}
        for key, other in fresh.items():
            alike = (other.name, other.rule_ids) == (row.name, row.rule_ids)
            if row.key not in found and key not in taken and alike:
                found[row.key] = other
    return found


def _superseded(
    row: DerivedDeadline,
    replacement: DerivedDeadline,
    changed: Sequence[FactChange],
    fact_types: Mapping[str, FactType],
    against: frozenset[str],
) -> DeadlineChange:
    counted = (replacement.day_0_fact, row.day_0_fact) if row.day_0 != replacement.day_0 else ()
    told = (*counted, *_read(changed, frozenset(counted), fact_types))
    cause = _cause(changed, (*told, *_read(changed, against, fact_types)))
    reason = sentences.explain_change(
        row, replacement, cause=cause, fact_types=fact_types, by_facts=bool(changed)
    )
    return DeadlineChange("superseded", derived=replacement, previous=row.key, reason=reason)


def _gone(
    row: DerivedDeadline,
    changed: Sequence[FactChange],
    fact_types: Mapping[str, FactType],
    against: frozenset[str],
    *,
    another: bool,
) -> DeadlineChange:
    from_day_0 = _read(changed, frozenset({row.day_0_fact}), fact_types)
    likely = (row.met_by, *_read(changed, against, fact_types), *from_day_0)
    cause = _cause(changed, likely)
    return DeadlineChange(
        "superseded" if another else "cancelled",
        previous=row.key,
        reason=sentences.explain_end(cause, fact_types=fact_types, by_facts=bool(changed)),
    )


def _read(
    changed: Sequence[FactChange], names: frozenset[str], fact_types: Mapping[str, FactType]
) -> Iterator[str]:
    """Yield the changed facts among `names`, or among those that one of these is made of."""
    bases = {
        base
        for name in names
        for base in (name, *(fact_types[name].bases if name in fact_types else ()))
    }
    yield from (change.name for change in changed if change.name in bases)


def _cause(changed: Sequence[FactChange], likely: Sequence[str]) -> FactChange | None:
    """Return the change of the first of these facts that changed; nothing is guessed."""
    by_name = {change.name: change for change in changed}
    return next((by_name[name] for name in likely if name in by_name), None)
