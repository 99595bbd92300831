"""pack.toml: what it names exists, who gets work can get it, what it says can be worked out."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial

from engine.packs.fact_bounds import VALUE
from engine.packs.forms import spoken_name
from engine.packs.manifest import MessageType, Pack
from engine.packs.tracker_rules import TrackerRules
from engine.people import permissions
from engine.publishing.checks import appointments
from engine.publishing.checks.authority import check_authority
from engine.publishing.checks.cases import check_kinds
from engine.publishing.checks.entries import check_entries
from engine.publishing.checks.forms import check_rules
from engine.publishing.checks.language import tracker_vocabulary, vocabulary
from engine.publishing.checks.onlookers import check_onlookers
from engine.publishing.checks.reading import Material, Report, listed, shortened, suggestion
from engine.publishing.checks.worked_out import check_worked_out
from engine.rules.operators import RESERVED

_PAYLOAD_TYPES = frozenset({"date", "text", "code", "user", "number", "boolean"})
_TOLD_TYPES = _PAYLOAD_TYPES | {"roles", "list"}
"""Of a message that diagrams alone tell: who is told may be worked out, and lists passed on."""
_TAKEN = RESERVED | {"policy", "answers", "and", "or", "not", "in", "if", "else", "is", "lambda"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,49}")


def check(material: Material, report: Report) -> None:
    """Report what is wrong with pack.toml, given the other files."""
    pack = material.pack
    if report.file != "pack.toml" or pack is None:
        return
    check_entries(material.raw_pack, report)
    _check_id(pack, report)
    check_kinds(material, pack, report, partial(_unknown, report))
    does = "Tasks without a form of their own use the form"
    _check_form(material, pack.default_form, does, report)
    _check_policies(pack, report)
    _check_roles(pack, report)
    _check_facts(material, pack, report)
    for fact in pack.facts.values():
        for bound in fact.bounds:
            words = vocabulary(material, {VALUE})
            words.check_condition(report, fact.name, bound.check, f"a bound of '{fact.name}'")
    for message in pack.messages.values():
        _check_message(material, pack, message, report)
    check_tracker(material, pack.tracker, report)
    check_endings(material, pack, report)
    appointments.check_appointments(material, pack, report)
    check_onlookers(pack, report)
    check_authority(pack, material.raw_pack, report)
    known = material.deadlines
    for name in pack.deadlines if known is not None else ():
        if name not in (known or ()):
            _unknown(report, name, "deadline", f"[deadlines] names '{name}'", known or (), False)


def _unknown(
    report: Report, element: str, kind: str, does: str, known: Collection[str], wrong: bool = True
) -> None:
    """Report the name of something that is not there."""
    names = set(known)
    where = {
        "form": "in the folder forms",
        "process": "in the diagrams",
        "deadline": "in timescales.dmn",
    }.get(kind, "in pack.toml")
    message = (
        f"{does}, but there is no such {kind} {where}. Use one of {listed(names) or 'none yet'}, or"
        f" add it.{suggestion(element, names)}"
    )
    (report.error if wrong else report.warn)(shortened(element), f"unknown-{kind}", message)


def _check_id(pack: Pack, report: Report) -> None:
    if not _SLUG.fullmatch(pack.id):
        message = (
            f"The pack's id is {pack.id[:60]!r}. Write a short one of small letters, digits, -"
            " and _, such as my_council."
        )
        report.error("id", "id", message)


def _check_form(material: Material, form: str, does: str, report: Report) -> None:
    if form not in material.form_ids:
        _unknown(report, form, "form", f"{does} '{shortened(form)}'", material.form_ids)


def _check_policies(pack: Pack, report: Report) -> None:
    default = [policy.id for policy in pack.policies.values() if policy.default]
    if len(default) != 1:
        message = (
            f"{len(default)} policies are marked as default. Mark exactly one with default = true:"
            " cases that name no policy follow it."
        )
        report.error("policies", "default-policy", message)


def _check_roles(pack: Pack, report: Report) -> None:
    labels: dict[str, str] = {}
    for role in pack.roles.values():
        if role.name.strip().casefold() in permissions.SYSTEM_ROLES:
            message = (
                f"[roles.{role.name}] declares a role that is no council's to give: people get it"
                " from whoever runs this service, and it reads or publishes more than a case's own"
                " people may. Give the role another name."
            )
            report.error(f"roles.{role.name}", "system-role", message)
        other = role.unallocated_goes_to
        if other is not None and other not in pack.roles:
            does = f"Unallocated work of '{role.name}' goes to '{shortened(str(other))}'"
            _unknown(report, str(other), "role", does, pack.roles)
        fact = pack.facts.get(role.name)
        if role.work_goes_to == "case" and (fact is None or fact.type != "user"):
            message = (
                f"Work of '{role.name}' goes to the case's own person, so a fact of that name must"
                f' hold who it is. Add [facts.{role.name}] with type = "user".'
            )
            report.error(role.name, "unknown-fact", message)
        label = str(role.label).strip().lower()
        if label in labels:
            message = (
                f"The roles '{labels[label]}' and '{role.name}' have the same label, so a lane of"
                " that name could mean either. Change one of them."
            )
            report.error(role.name, "duplicate-label", message)
        labels[label] = role.name


def _check_facts(material: Material, pack: Pack, report: Report) -> None:
    for fact in pack.facts.values():
        if not _NAME.fullmatch(fact.name) or fact.name in _TAKEN:
            message = (
                f"A fact cannot be called {fact.name[:60]!r}. Use letters, digits and _, beginning"
                " with a letter, and no word of the language."
            )
            report.error(fact.name[:100], "id", message)
        for each in fact.earliest_of:
            other = pack.facts.get(each)
            if other is None:
                does = f"The fact '{fact.name}' is the earliest of '{shortened(str(each))}'"
                _unknown(report, str(each), "fact", does, pack.facts)
            elif other.type != "date" or other.derived or fact.type != "date":
                message = (
                    f"The fact '{fact.name}' is the earliest of '{each}': both must be dates, and"
                    f" '{each}' one that is recorded. Change earliest_of."
                )
                report.error(fact.name, "fact-type", message)
        check_worked_out(material, fact, report)
        if fact.own and fact.derived:
            message = (
                f"The fact '{fact.name}' belongs to one piece of work, so it cannot be worked out"
                " from others. Leave out own, or earliest_of and worked_out."
            )
            report.error(fact.name, "own-fact", message)
        if fact.outsiders and not (fact.own and fact.type == "user"):
            message = (
                f"The fact '{fact.name}' may name outsiders, which only the people of one piece of"
                ' work can: own = true and type = "user". Leave out outsiders.'
            )
            report.error(fact.name, "fact-type", message)
        if fact.latest and fact.first:
            message = f"The fact '{fact.name}' keeps both the first and the latest. Choose one."
            report.error(fact.name, "fact-type", message)


def _check_address(pack: Pack, message: MessageType, report: Report) -> None:
    """Report a message to another kind of case that could not arrive."""
    name, kind = message.name, pack.kinds.get(message.to)
    if kind is None:
        does = f"The message '{name}' goes to '{shortened(message.to)}'"
        _unknown(report, message.to, "kind", does, pack.kinds)
    elif not kind.one_at_a_time:
        text = (
            f"The message '{name}' goes to '{message.to}', of which many can be open, so it could"
            " not be told which. Send it to a kind with one_at_a_time = true."
        )
        report.error(name, "message-address", text)
    if not message.told_by_diagrams:
        text = (
            f"The message '{name}' goes to '{shortened(message.to)}', but people can send it too."
            ' Add told_by = "diagrams".'
        )
        report.error(name, "message-address", text)


def _check_told(pack: Pack, message: MessageType, report: Report) -> None:
    worked_out = {f"={each.name}" for each in message.payload if each.type in ("roles", "user")}
    for role in message.notify:
        if role not in pack.roles and role not in worked_out:
            does = f"The message '{message.name}' tells '{shortened(role)}'"
            _unknown(report, role, "role", does, {*pack.roles, *worked_out})


def _check_sets(material: Material, pack: Pack, message: MessageType, report: Report) -> None:
    name, payload = message.name, {each.name: each for each in message.payload}
    for fact, source in message.sets.items():
        kind = pack.facts.get(fact)
        if kind is None:
            does = f"The message '{name}' sets the fact '{shortened(str(fact))}'"
            _unknown(report, str(fact), "fact", does, pack.facts)
        elif kind.derived:
            text = (
                f"The message '{name}' sets the fact '{fact}', which is worked out from others. Set"
                f" one of those: {', '.join(kind.bases)}."
            )
            report.error(name, "derived-fact", text)
        elif kind.own:
            text = (
                f"The message '{name}' sets '{fact}', which belongs to one piece of work. Name its"
                f" payload '{fact}', and it is set for the process that the message starts."
            )
            report.error(name, "own-fact", text)
        if source.startswith("="):
            words = vocabulary(material, {spoken_name(each) for each in payload})
            words.check(report, name, source[1:], f"what the message '{name}' sets '{fact}' to")
            continue
        given = payload.get(source)
        if given is None:
            text = (
                f"The message '{name}' sets '{fact}' from '{shortened(str(source))}', which its"
                f" payload does not have. Add it.{suggestion(str(source), payload)}"
            )
            report.error(name, "unknown-field", text)
        elif kind is not None and (given.type == "date") != (kind.type == "date"):
            text = (
                f"The message '{name}' sets '{fact}', a {kind.type}, from '{source}', a"
                f" {given.type}. Give both the same kind."
            )
            report.error(name, "fact-type", text)


def _check_message(material: Material, pack: Pack, message: MessageType, report: Report) -> None:
    name, payload = message.name, {each.name: each for each in message.payload}
    if message.kind not in pack.kinds:
        does = f"The message '{name}' is reported of '{shortened(message.kind)}'"
        _unknown(report, message.kind, "kind", does, pack.kinds)
    if message.to:
        _check_address(pack, message, report)
    types = _TOLD_TYPES if message.told_by_diagrams else _PAYLOAD_TYPES
    for each in message.payload:
        if each.type not in types:
            text = (
                f"'{each.name}' of the message '{name}' is a '{shortened(each.type)}'. Write one of"
                f" {listed(types)}, with ? behind it if it may be left out."
            )
            report.error(name, "payload-type", text)
    _check_sets(material, pack, message, report)
    _check_told(pack, message, report)
    spoken = {spoken_name(each) for each in payload}
    words = vocabulary(material, spoken)
    of = f" of the message '{name}'"
    check_rules(list(message.checks), set(payload), words, report, of=of)
    if message.offered:
        offered = f"when{of} is offered"
        vocabulary(material, ()).check_condition(report, name, message.offered, offered)
    check_said(report, name, message.says, set(payload), f"What '{name}' says")


_NAMED = re.compile(r"\{([^{}]*)\}")


def check_endings(material: Material, pack: Pack, report: Report) -> None:
    """Report what is wrong with how a pack speaks of cases that have ended."""
    words = vocabulary(material, ())
    for ending in pack.endings:
        of = f"the ending '{shortened(ending.name)}'"
        words.check_condition(report, ending.name, ending.when, of)
        day = pack.facts.get(ending.on)
        if day is None or day.type != "date":
            message = (
                f"on = '{shortened(ending.on)}' of {of} is no fact that holds a date. Name one."
                f"{suggestion(ending.on, set(pack.facts))}"
            )
            report.error(ending.name, "unknown-fact", message)
        if ending.reason and ending.reason not in pack.facts:
            message = (
                f"reason = '{shortened(ending.reason)}' of {of} is no fact of the pack. Name one."
                f"{suggestion(ending.reason, set(pack.facts))}"
            )
            report.error(ending.name, "unknown-fact", message)
        check_said(report, ending.name, ending.words, {"on"}, f"What {of} says")


def check_said(report: Report, element: str, text: str, known: set[str], what: str) -> None:
    """Report each `{name}` of a sentence that nothing stands for."""
    for name in _NAMED.findall(text):
        if name not in known:
            message = (
                f"{what} names {{{shortened(name)}}}, which is not there. Use one of"
                f" {listed(known) or 'none'}, or leave it out."
            )
            report.error(element, "unknown-field", message)


def check_tracker(material: Material, rules: TrackerRules, report: Report) -> None:
    """Report what is wrong with a pack's tracker, given the other files."""
    words = tracker_vocabulary(material)
    pack = material.pack
    for column in rules.columns if pack is not None else ():
        if column.booked and pack is not None and column.booked not in pack.appointments:
            does = f"The column '{column.name}' shows what is booked for '{column.booked}'"
            _unknown(report, column.booked, "appointment", does, pack.appointments)
    known = material.deadlines
    for name in sorted(rules.agreed) if known is not None else ():
        if name not in (known or ()):
            _unknown(report, name, "deadline", "[tracker] agreed names one", known or ())
    for what, text in rules.expressions():
        words.check(report, "tracker", text, what)
    if rules.rag and words.tables is not None and rules.rag not in words.tables:
        message = (
            f"[tracker] takes its flags from the decision table '{rules.rag[:80]}', but there is no"
            " such table. Add it, or mend the name."
        )
        report.error("tracker", "unknown-table", message)
