"""Who may do what, of pack.toml: its roles are there, none is an outside agency, all has effect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.domain import Role
from engine.packs.authority import ENTRIES
from engine.packs.manifest import Pack
from engine.publishing.checks.reading import Report, listed, shortened, suggestion
from engine.rules.decisions import amount_from

UNITS = ("days", "weeks")


def check_authority(pack: Pack, raw: Mapping[str, Any], report: Report) -> None:
    """Report roles that are not there, or of an outside agency, and what has no effect."""
    said = raw.get("authority", {})
    for key in said:
        if key not in ENTRIES:
            message = (
                f"'{shortened(key)}' in [authority] means nothing here. Use one of"
                f" {listed(set(ENTRIES))}.{suggestion(key, set(ENTRIES))}"
            )
            report.error("authority", "unknown-entry", message)
    for element, where, roles in _lists(pack, said):
        _check_roles(pack, element, where, roles, report)
    for name in ("tells", "corrects"):
        for role in said.get(name, ()):
            if role in pack.roles and role not in _named(pack):
                _has_no_effect(pack.roles[role], name, report)
    for fact in pack.facts.values():
        if fact.corrected_by is not None and fact.derived:
            message = (
                f"The fact '{fact.name}' is worked out from others, so nobody corrects it. Leave"
                " out corrected_by, and say it of those."
            )
            report.error(fact.name, "authority", message)
    for role in pack.roles.values():
        _check_agency(role, report)


def _lists(pack: Pack, said: Mapping[str, Any]) -> Iterator[tuple[str, str, Collection[str]]]:
    """Yield each list of roles that is written down: its element, where it stands, the roles."""
    for name in ENTRIES:
        if name in said:
            yield "authority", f"[authority] {name}", said[name]
    for message in pack.messages.values():
        if message.told_by is not None:
            yield message.name, f"[messages.{message.name}] told_by", message.told_by
    for fact in pack.facts.values():
        if fact.corrected_by is not None:
            yield fact.name, f"[facts.{fact.name}] corrected_by", fact.corrected_by


def _check_roles(
    pack: Pack, element: str, where: str, roles: Collection[str], report: Report
) -> None:
    for name in roles:
        role = pack.roles.get(name)
        if role is None:
            message = (
                f"{where} names '{shortened(name)}', which is no role of the pack. Use one of"
                f" {listed(pack.roles)}.{suggestion(name, set(pack.roles))}"
            )
            report.error(element, "unknown-role", message)
        elif role.outside_agency:
            message = (
                f"{where} names '{name}', an outside agency, whose people see their own tasks and"
                " nothing else. Leave it out, or ask them by a task."
            )
            report.error(element, "outside-agency", message)


def _named(pack: Pack) -> frozenset[str]:
    """Return the roles in which a case can name somebody."""
    return frozenset(
        name for name in pack.roles if name in pack.facts and pack.facts[name].type == "user"
    )


def _has_no_effect(role: Role, name: str, report: Report) -> None:
    does = {"tells": "reports", "corrects": "corrects"}[name]
    entry = {"tells": "told_by of a message", "corrects": "corrected_by of a fact"}[name]
    message = (
        f"[authority] {name} names '{role.name}', but no case names anybody as {role.label}, so"
        f" this lets nobody do more: a role whose work is claimed {does} only what names it. Name"
        f" it in the {entry}."
    )
    report.warn("authority", "no-effect", message)


def _check_agency(role: Role, report: Report) -> None:
    if role.seen_for and not role.outside_agency:
        message = (
            f"[roles.{role.name}] has seen_for, which only an outside agency needs. Leave it out,"
            " or add outside_agency = true."
        )
        report.error(role.name, "seen-for", message)
    elif role.seen_for:
        amount = amount_from(role.seen_for)
        if amount is None or amount.unit not in UNITS:
            message = (
                f"[roles.{role.name}] has seen_for = '{shortened(role.seen_for)}'. Write days or"
                ' weeks, such as "5 days" or "2 weeks".'
            )
            report.error(role.name, "seen-for", message)
    if role.independent and role.is_pool:
        message = (
            f"[roles.{role.name}] is independent, but its work is claimed from a list: nobody is"
            " named whom it could be taken from. Leave out independent."
        )
        report.warn(role.name, "no-effect", message)
