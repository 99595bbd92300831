"""Who is told in a step, and whose people look on at the case for what they were told. Pure.

The people of a case's own roles are named in it and see it anyway; those of a pool see it while
work of theirs waits in it, and for as long as the pack says of what they were told (`seen_for`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.domain import JsonValue
from engine.packs.manifest import MessageType
from engine.rules.decisions import amount_from
from engine.step.allocation import Allocating
from engine.step.appointments import sight_of, tell_of, touched
from engine.step.event import told
from engine.step.model import Notice, Onlooker


class Telling:
    """Whom one step has told so far, and who looks on for it.

    `actor` hears nothing of what they booked themselves.
    """

    def __init__(self, allocating: Allocating, *, actor: str) -> None:
        self._case = allocating.case
        self._pack = allocating.case.definition.pack
        self._allocating = allocating
        self._facts = allocating.facts
        self._domain = allocating.domain
        self._actor = actor
        self._onlookers: dict[tuple[str, str], Onlooker] = {}
        self.notices: list[Notice] = []

    @property
    def onlookers(self) -> tuple[Onlooker, ...]:
        """The roles whose sight of the case changes, in a fixed order."""
        return tuple(self._onlookers[key] for key in sorted(self._onlookers))

    def of_message(self, kind: MessageType, payload: Mapping[str, JsonValue]) -> None:
        """Tell those whom a message tells, and let them look on."""
        text = told(kind, self._pack.facts, payload) if kind.notify else ""
        for role, person in self._allocating.told(kind, payload):
            self._tell(role, person, text)
            if person is None and self._pack.roles[role].is_pool:
                self._look_on(role, kind.name, self._facts.today, kind.seen_for)

    def of_appointments(self) -> None:
        """Tell of what the step booked, moved or called off, by the facts as they stand now."""
        before, after = self._case.facts, self._facts.values
        for change in touched(self._pack, self._facts.fact_writes, before=before, after=after):
            for each in tell_of(self._pack, change):
                person = self._facts.person(each.role)
                # Whoever books it knows; the letters they have to write are news.
                if each.to_do or person is None or person != self._actor:
                    self._tell(each.role, person, each.text)
            sight = sight_of(self._pack, change, today=self._facts.today)
            for role, day in sight.items():
                self._look_on(role, change.about, day, change.appointment.seen_for)

    def _tell(self, role: str, person: str | None, text: str) -> None:
        id = self._case.new_id("notice", len(self.notices))
        self.notices.append(Notice(id, role, person, text))

    def _look_on(self, role: str, about: str, day: date, seen_for: str) -> None:
        """Let a role look on for `seen_for` after `day`; nothing said is nothing seen."""
        amount = amount_from(seen_for)
        if amount is not None:
            until_on = self._domain.day_after(day, amount, days_off=self._pack.days_off)
            self._onlookers[role, about] = Onlooker(role, about, until_on)
