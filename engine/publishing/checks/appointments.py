"""[appointments] of pack.toml: its facts and roles exist and fit, and its sentences have words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.packs.appointments import FACTS, TEXTS, WORDS, Appointment
from engine.packs.manifest import Pack
from engine.publishing.checks.reading import Material, Report, listed, shortened, suggestion

_TYPES = {"day": "date", "held": "date", "agreed": "date", "people": "list"}
"""Entry -> the type of its fact; the others hold texts."""


def check_appointments(material: Material, pack: Pack, report: Report) -> None:
    """Report what is wrong with what a pack says is booked."""
    known = material.deadlines
    for appointment in pack.appointments.values():
        name = appointment.deadline
        if known is not None and name not in known:
            message = (
                f"[appointments.{shortened(name)}] is of no deadline in timescales.dmn. Name it"
                f" after one of {listed(known)}.{suggestion(name, set(known))}"
            )
            report.error(shortened(name), "unknown-deadline", message)
        _check_facts(pack, appointment, report)
        for role, what in _roles(appointment):
            if role not in pack.roles:
                message = (
                    f"{what} of [appointments.{shortened(name)}] is '{shortened(role)}', which is"
                    f" no role of pack.toml. Use one of {listed(pack.roles)}."
                    f"{suggestion(role, set(pack.roles))}"
                )
                report.error(shortened(name), "unknown-role", message)
        _check_texts(appointment, report)


def _check_facts(pack: Pack, appointment: Appointment, report: Report) -> None:
    name = shortened(appointment.deadline)
    owns: dict[bool, str] = {}
    for entry in FACTS:
        fact = getattr(appointment, entry)
        if not fact:
            continue
        kind = pack.facts.get(fact)
        if kind is None:
            message = (
                f"[appointments.{name}] has {entry} = '{shortened(fact)}', but there is no such"
                f" fact in pack.toml. Add it, or mend the name.{suggestion(fact, set(pack.facts))}"
            )
            report.error(name, "unknown-fact", message)
            continue
        wanted = _TYPES.get(entry, "text")
        if kind.type != wanted:
            message = (
                f"[appointments.{name}] has {entry} = '{fact}', a {kind.type}. Name a fact that is"
                f" a {wanted}."
            )
            report.error(name, "fact-type", message)
        owns.setdefault(kind.own, fact)
    if len(owns) > 1:
        message = (
            f"[appointments.{name}] takes '{owns[True]}' from one piece of work and"
            f" '{owns[False]}' from the case. Let all its facts be own, or none."
        )
        report.error(name, "own-fact", message)


def _roles(appointment: Appointment) -> Iterator[tuple[str, str]]:
    yield from ((role, "tell") for role in appointment.tell)
    yield from ((role, f"roles.{code}") for code, role in appointment.roles.items() if role)
    if appointment.letters_by:
        yield appointment.letters_by, "letters_by"


def _check_texts(appointment: Appointment, report: Report) -> None:
    name = shortened(appointment.deadline)
    for entry in TEXTS:
        text: Any = getattr(appointment, entry)
        for part in text.split("{")[1:]:
            word = part.partition("}")[0]
            if word not in WORDS:
                message = (
                    f"What [appointments.{name}] says as {entry} names {{{shortened(word)}}}, which"
                    f" is not there. Use one of {listed(WORDS)}, or leave it out."
                )
                report.error(name, "unknown-field", message)
    if appointment.people and not appointment.booked:
        message = (
            f"[appointments.{name}] names people, but not what they are told. Write booked, moved"
            " and called_off."
        )
        report.warn(name, "unsaid", message)
