"""Kinds of case in pack.toml: what each begins with, who opens it, by what facts it is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.packs.kinds import KNOWN_BY, Kind, kind_entries
from engine.packs.manifest import Pack
from engine.publishing.checks.links import links_of
from engine.publishing.checks.reading import Material, Report, shortened
from engine.publishing.checks.same import check_same

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_DATES = ("born", "birth_expected")
"""Of what a kind is known by, the days; the others are texts."""

Unknown = Callable[[str, str, str, Collection[str]], None]
"""(element, kind of thing, what names it, what there is): reports the name of nothing."""


def check_kinds(material: Material, pack: Pack, report: Report, unknown: Unknown) -> None:
    """Report what is wrong with the kinds of case."""
    raw = {kind: entry for _, kind, entry in kind_entries(material.raw_pack)}
    for kind in pack.kinds.values():
        case = f"A case of the kind '{shortened(kind.id)}'"
        _check_beginning(material, pack, kind, case, report, unknown)
        for role in raw[kind.id].get("roles", ()):
            if role not in pack.roles:
                unknown(role, "role", f"{case} is opened by '{shortened(role)}'", pack.roles)
        if raw[kind.id].get("managed_by"):
            _check_manager(pack, kind, case, report, unknown)
        for policy in kind.policies:
            if policy not in pack.policies:
                unknown(policy, "policy", f"{case} follows '{shortened(policy)}'", pack.policies)
        _check_facts(pack, kind, raw[kind.id], report, unknown)
        check_same(material, pack, kind, report)
        if raw[kind.id].get("tracked") and not pack.tracker.columns:
            message = f"{case} is tracked, but [tracker] has no columns. Add some, or leave it out."
            report.warn(kind.id, "tracker", message)


def _check_manager(pack: Pack, kind: Kind, case: str, report: Report, unknown: Unknown) -> None:
    name, role = kind.managed_by, pack.roles.get(kind.managed_by)
    if role is None:
        unknown(name, "role", f"{case} is managed by '{shortened(name)}'", pack.roles)
    elif role.is_pool or role.outside_agency:
        message = (
            f"{case} is managed by '{name}', whose work goes to no person of the case. Name a role"
            ' with work_goes_to = "case", or leave out managed_by.'
        )
        report.error(kind.id, "managed-by", message)


def _check_beginning(
    material: Material, pack: Pack, kind: Kind, case: str, report: Report, unknown: Unknown
) -> None:
    if not _NAME.fullmatch(kind.id):
        message = (
            f"A kind of case cannot be called {kind.id[:60]!r}. Use letters, digits and _,"
            " beginning with a letter."
        )
        report.error(kind.id[:100], "id", message)
    processes = links_of(material).calls
    if kind.process not in processes:
        does = f"{case} begins with the process '{shortened(kind.process)}'"
        unknown(kind.process, "process", does, processes)
    first = next(each for each in pack.kinds.values() if each.process == kind.process)
    if first is not kind:
        message = (
            f"{case} begins with the process '{shortened(kind.process)}', as another kind does."
            " Give each a process of its own: when it ends, the case is closed."
        )
        report.error(kind.id, "opening-start", message)
    for name in kind.beside:
        if name not in processes:
            does = f"Beside {case[0].lower()}{case[1:]} begins the process '{shortened(name)}'"
            unknown(name, "process", does, processes)
        elif name in pack.opening_processes:
            message = (
                f"{case} ends when the process '{shortened(name)}' ends, so it cannot begin beside"
                " one as well. Take it out of beside."
            )
            report.error(shortened(name), "opening-start", message)
    if kind.form not in material.form_ids:
        does = f"{case} is opened with the form '{shortened(kind.form)}'"
        unknown(kind.form, "form", does, material.form_ids)


def _check_facts(
    pack: Pack, kind: Kind, raw: Mapping[str, Any], report: Report, unknown: Unknown
) -> None:
    """Report facts of a kind that there are not, or that are of another type."""
    named = [(each, raw[each]) for each in KNOWN_BY if each in raw]
    listed = [(each, fact) for each in ("line", "summary") for fact in raw.get(each, ())]
    for entry, fact in named + listed:
        where = f"kinds.{shortened(kind.id)}.{entry}"
        found = pack.facts.get(fact)
        if found is None:
            unknown(fact, "fact", f"'{where}' is '{shortened(fact)}'", pack.facts)
            continue
        wanted = "date" if entry in _DATES else "text"
        if (entry, fact) in named and found.type != wanted:
            message = (
                f"'{where}' must be a {wanted}, and the fact '{fact}' is a {found.type}. Choose"
                " another."
            )
            report.error(fact, "fact-type", message)
        if found.own:
            message = (
                f"'{where}' is of a case, and the fact '{fact}' belongs to one piece of work."
                " Choose another."
            )
            report.error(fact, "own-fact", message)
