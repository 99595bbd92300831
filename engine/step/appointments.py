"""What is booked in a case, and who is told when that changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from engine.bpmn.elements import Element
from engine.domain import FactValue, JsonValue
from engine.packs.appointments import Appointment
from engine.packs.fact_rules import FactSetting
from engine.packs.manifest import Pack
from engine.packs.version import Definition
from engine.step.scope import fact_values, name_of, owned, owner_of


def arranges(definition: Definition, element: Element, appointment: Appointment) -> bool:
    """Return whether a task books an appointment or holds it; others only serve it.

    Its form says so: it sets the fact of the day, or of when it was held.
    """
    form = definition.form_of(element)
    facts = {rule.fact for field in form.fields for rule in field.facts} if form else set()
    return not facts.isdisjoint((appointment.day, appointment.held))


def appointment_for(
    definition: Definition, element: Element | None, deadline: str | None
) -> Appointment | None:
    """Return the appointment by which a task's deadline is met, None if there is none.

    A task whose deadline is worked out, such as saying why it was missed, has none.
    """
    if element is None or element.properties.get("deadline") != deadline:
        return None
    return definition.pack.appointments.get(deadline or "")


@dataclass(frozen=True)
class Booking:
    """What is booked: `day` is London's, `time` as "14:30"; "" and empty for what is not known."""

    day: date
    time: str = ""
    place: str = ""
    link: str = ""
    people: tuple[str, ...] = ()

    @property
    def when(self) -> str:
        """ "Wednesday 18 March 2026 at 14:30"."""
        at = f" at {self.time}" if self.time else ""
        return f"{self.day:%A} {self.day.day} {self.day:%B %Y}{at}"

    @property
    def where(self) -> str:
        """ ", Town Hall, https://example.org/1", "" when neither is known."""
        return "".join(f", {each}" for each in (self.place, self.link) if each)


def booking(appointment: Appointment | None, facts: Mapping[str, FactValue]) -> Booking | None:
    """Return what is booked and still to be held, None for nothing."""
    day = None if appointment is None else still_to_come(appointment, appointment.day, facts)
    if appointment is None or day is None:
        return None
    people = facts.get(appointment.people)
    return Booking(
        day,
        time=str(facts.get(appointment.time) or ""),
        place=str(facts.get(appointment.place) or ""),
        link=str(facts.get(appointment.link) or ""),
        people=tuple(map(str, people)) if isinstance(people, list) else (),
    )


def still_to_come(
    appointment: Appointment, fact: str, facts: Mapping[str, FactValue]
) -> date | None:
    """Return the day in a fact of an appointment, None if it was held on that day or later."""
    day, held = facts.get(fact), facts.get(appointment.held)
    if not isinstance(day, date) or (isinstance(held, date) and day <= held):
        return None
    return day


def gone_with_the_day(
    pack: Pack,
    settings: Sequence[FactSetting],
    values: Mapping[str, JsonValue],
    instance: UUID | None,
) -> list[FactSetting]:
    """Return what is not known any more where these facts are set: time and place of a former day.

    `values` are the facts of the case before, by the keys of `owned`.
    """
    given = {each.fact: each.value for each in settings}
    gone: list[FactSetting] = []
    for appointment in pack.appointments.values():
        if appointment.day in given:
            own = pack.facts[appointment.day].own
            day = values.get(owned(appointment.day, instance if own else None))
            if day is not None and day != given[appointment.day]:
                details = (each for each in appointment.details if each not in given)
                gone += [FactSetting(each, None, None) for each in details]
    return gone


@dataclass(frozen=True)
class Told:
    """Somebody to be told of a change: everybody of a role, or the case's own person for it."""

    role: str
    text: str
    to_do: bool = False
    """It asks for something: a letter to whom nobody else can tell."""


def tell_all(
    pack: Pack,
    written: Iterable[str],
    *,
    before: Mapping[str, JsonValue],
    after: Mapping[str, JsonValue],
) -> Iterator[Told]:
    """Yield who is told of what a step booked, moved or called off.

    `written` are the keys of the facts that it set, `before` and `after` all facts by their keys.
    """
    touched = {(name_of(key), owner_of(key)) for key in written}
    there = {None, *(owner_of(key) for key in after)}
    for appointment in pack.appointments.values():
        owners = {owner for name, owner in touched if name in appointment.facts}
        for owner in sorted(owners & there, key=str):
            then, now = (fact_values(pack, facts, owner) for facts in (before, after))
            yield from tell_of(pack, appointment, before=then, after=now)


def tell_of(
    pack: Pack,
    appointment: Appointment,
    *,
    before: Mapping[str, FactValue],
    after: Mapping[str, FactValue],
) -> Iterator[Told]:
    """Yield who is told what, given the facts before a step and after it.

    One that was held in the step is neither moved nor called off: what is booked then is the next.
    """
    held = before.get(appointment.held) != after.get(appointment.held)
    old = None if held else booking(appointment, before)
    new = booking(appointment, after)
    text = _sentence(appointment, old, new, after)
    if not text:
        return
    invited = [*(old.people if old else ()), *(new.people if new else ())]
    roles, others = _reached(pack, appointment, dict.fromkeys(invited))
    for role in dict.fromkeys([*roles, *appointment.tell]):
        yield Told(role, text)
    if others and appointment.letters_by and appointment.letter:
        labels = pack.facts[appointment.people].values
        names = ", ".join(labels.get(each, each) for each in others)
        letter = appointment.letter.replace("{people}", names).replace("{told}", text)
        yield Told(appointment.letters_by, letter, to_do=True)


def _sentence(
    appointment: Appointment,
    old: Booking | None,
    new: Booking | None,
    facts: Mapping[str, FactValue],
) -> str:
    if old is None and new is None:
        return ""
    template = appointment.called_off if new is None else appointment.moved
    if old is None:
        template = appointment.booked
    elif new is not None and (old.when, old.where) == (new.when, new.where):
        return ""
    shown = new or old
    assert shown is not None
    why = facts.get(appointment.why)
    said = {
        "when": shown.when,
        "where": shown.where,
        "was": old.when if old else "",
        "why": f": {why}" if why else "",
    }
    for name, words in said.items():
        template = template.replace(f"{{{name}}}", words)
    return template


def _reached(
    pack: Pack, appointment: Appointment, people: Iterable[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the roles that stand for these people, and those who have none here."""
    roles: list[str] = []
    others: list[str] = []
    for each in people:
        role = role_of(pack, appointment, each)
        if role:
            roles.append(role)
        else:
            others.append(each)
    return roles, others


def role_of(pack: Pack, appointment: Appointment, person: str) -> str:
    """Return the role by which somebody invited is told, "" if only a letter reaches them."""
    role = appointment.roles.get(person, person)
    return role if role in pack.roles else ""
