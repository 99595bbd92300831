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


@dataclass(frozen=True)
class Touched:
    """An appointment of which a step set something: the facts before that and after."""

    appointment: Appointment
    owner: UUID | None
    before: Mapping[str, FactValue]
    after: Mapping[str, FactValue]

    @property
    def about(self) -> str:
        """What tells it from every other of the case."""
        return owned(self.appointment.deadline, self.owner)


def touched(
    pack: Pack,
    written: Iterable[str],
    *,
    before: Mapping[str, JsonValue],
    after: Mapping[str, JsonValue],
) -> Iterator[Touched]:
    """Yield the appointments of which a step set something, in the pack's order.

    `written` are the keys of the facts that it set, `before` and `after` all facts by their keys.
    """
    names = {(name_of(key), owner_of(key)) for key in written}
    there = {None, *(owner_of(key) for key in after)}
    for appointment in pack.appointments.values():
        owners = {owner for name, owner in names if name in appointment.facts}
        for owner in sorted(owners & there, key=str):
            then, now = (fact_values(pack, facts, owner) for facts in (before, after))
            yield Touched(appointment, owner, then, now)


def tell_of(pack: Pack, change: Touched) -> Iterator[Told]:
    """Yield who is told what of an appointment that a step booked, moved or called off.

    One that was held in the step is neither moved nor called off: what is booked then is the next.
    """
    appointment = change.appointment
    held = change.before.get(appointment.held) != change.after.get(appointment.held)
    old = None if held else booking(appointment, change.before)
    new = booking(appointment, change.after)
    if old is None and new is None:
        return
    said = _Sentences(appointment, old, new, change.after.get(appointment.why))
    told: dict[str, str] = {}
    letters: dict[str, list[str]] = {}
    for person in dict.fromkeys([*(old.people if old else ()), *(new.people if new else ())]):
        text = said.to(person)
        role = role_of(pack, appointment, person)
        if text and role:
            told.setdefault(role, text)
        elif text:
            letters.setdefault(text, []).append(person)
    for role in appointment.tell:
        if text := said.to_all():
            told.setdefault(role, text)
    yield from (Told(role, text) for role, text in told.items())
    if appointment.letters_by and appointment.letter:
        labels = pack.facts[appointment.people].values if appointment.people else {}
        for text, people in letters.items():
            names = ", ".join(labels.get(each, each) for each in people)
            letter = appointment.letter.replace("{people}", names).replace("{told}", text)
            yield Told(appointment.letters_by, letter, to_do=True)


@dataclass(frozen=True)
class _Sentences:
    """What is said of what was booked and is booked now; "" where there is nothing to say."""

    appointment: Appointment
    old: Booking | None
    new: Booking | None
    why: FactValue

    def to_all(self) -> str:
        """Return what those hear who are told of it whoever is invited."""
        if self.new is None:
            return self._filled(self.appointment.called_off, self.old)
        if self.old is None:
            return self._filled(self.appointment.booked, self.new)
        if (self.old.when, self.old.where) == (self.new.when, self.new.where):
            return ""
        return self._filled(self.appointment.moved, self.new)

    def to(self, person: str) -> str:
        """Return what somebody hears who is invited, or was before."""
        if self.old is not None and self.new is not None:
            if person not in self.old.people:
                return self._filled(self.appointment.booked, self.new)
            if person not in self.new.people:
                return self._filled(self.appointment.uninvited, self.old)
        return self.to_all()

    def _filled(self, template: str, shown: Booking | None) -> str:
        assert shown is not None
        said = {
            "when": shown.when,
            "where": shown.where,
            "was": self.old.when if self.old else "",
            "why": f": {self.why}" if self.why else "",
        }
        for name, words in said.items():
            template = template.replace(f"{{{name}}}", words)
        return template


def sight_of(pack: Pack, change: Touched, *, today: date) -> dict[str, date]:
    """Return whose sight of the case a step changes: role -> the day that `seen_for` counts from.

    That is the day that is booked; for whom nothing is booked any more, the day it was held, else
    today. Whoever has a case's own role is named in it and needs none.
    """
    then, now = (_invited(pack, change.appointment, at) for at in (change.before, change.after))
    held = change.after.get(change.appointment.held)
    was_held = held != change.before.get(change.appointment.held) and isinstance(held, date)
    over = held if was_held and isinstance(held, date) else today
    gone = {role: over for role, day in then.items() if role not in now and day != over}
    return gone | {role: day for role, day in now.items() if then.get(role) != day}


def _invited(
    pack: Pack, appointment: Appointment, facts: Mapping[str, FactValue]
) -> dict[str, date]:
    """Return the roles of a pool that are told of what is booked, with its day."""
    booked = booking(appointment, facts)
    if booked is None:
        return {}
    roles = [role_of(pack, appointment, each) for each in booked.people]
    pools = (role for role in (*roles, *appointment.tell) if role and pack.roles[role].is_pool)
    return dict.fromkeys(pools, booked.day)


def role_of(pack: Pack, appointment: Appointment, person: str) -> str:
    """Return the role by which somebody invited is told, "" if only a letter reaches them."""
    role = appointment.roles.get(person, person)
    return role if role in pack.roles else ""
