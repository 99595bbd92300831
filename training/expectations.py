"""Is a case as a scenario says that it must be after a step?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from engine.domain import JsonValue
from engine.reads import CaseView
from training.scenario_file import Then

NOT_OPEN = "not open"


def unmet(then: Then, case: CaseView, notices: Iterable[Mapping[str, JsonValue]]) -> Iterator[str]:
    """Yield each expectation that does not hold, with what is so.

    Args:
        notices: whom the step told.
    """
    governing = {each.name: each for each in case.deadlines if each.governing}
    for name, wanted in then.limit.items():
        yield from _differs(f"limit of {name}", wanted, _day(governing, name, "limit_on"))
    for name, wanted in then.act_by.items():
        yield from _differs(f"day to act by of {name}", wanted, _day(governing, name, "act_by_on"))
    for name in then.missed:
        found = governing.get(name)
        if found is None or found.status != "breached":
            yield f"{name} is not missed; it is {found.status if found else NOT_OPEN}"
    open_work = {each.name: each for each in case.work_items}
    said = ", ".join(sorted(open_work)) or "nothing"
    for name in then.work:
        if name not in open_work:
            yield f"no task {name} is open; there is {said}"
    for name in then.no_work:
        if name in open_work:
            yield f"the task {name} is open"
    for name, day in then.due.items():
        due = open_work[name].act_by_on if name in open_work else NOT_OPEN
        yield from _differs(f"day to act by of the task {name}", day, due)
    for name, role in then.role.items():
        whose = open_work[name].role if name in open_work else NOT_OPEN
        yield from _differs(f"role of the task {name}", role, whose)
    yield from _others(then, case, notices)


def _others(
    then: Then, case: CaseView, notices: Iterable[Mapping[str, JsonValue]]
) -> Iterator[str]:
    if then.told is not None:
        told = sorted({str(each["role"]) for each in notices})
        yield from _differs("roles told", sorted(then.told), told)
    for name, value in then.facts.items():
        plain = value.isoformat() if isinstance(value, date | datetime) else value
        yield from _differs(f"fact {name}", plain, case.facts.get(name))
    if then.status:
        yield from _differs("status of the case", then.status, case.head.status)


def _day(governing: Mapping[str, object], name: str, of: str) -> object:
    found = governing.get(name)
    return False if found is None else getattr(found, of)


def _differs(what: str, wanted: object, found: object) -> Iterator[str]:
    if wanted != found:
        yield f"{what}: expected {_said(wanted)}, and it is {_said(found)}"


def _said(value: object) -> str:
    if value is False:
        return NOT_OPEN
    if isinstance(value, date):
        return value.isoformat()
    return ", ".join(value) or "nobody" if isinstance(value, list) else str(value)
