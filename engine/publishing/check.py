"""Check a pack before it is published: findings in a process owner's words.

Each file is read and checked by itself, so one broken file hides nothing about the others; what
needs the whole pack (ids, calls, messages, names) is checked over everything that could be read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from engine.domain import DaysOff, Domain
from engine.errors import Finding, PackRefused
from engine.packs.sittings import SITTING_FUNCTIONS
from engine.packs.version import Definition
from engine.publishing.checks import diagrams, elements, expressions, forms, links, tables
from engine.publishing.checks import pack as pack_rules
from engine.publishing.checks.reading import Material, Report, read_file
from engine.publishing.dry_run import try_out
from engine.step.scope import OF_ONE_CASE

MAX_FILE = 2_000_000
"""Bytes of one file."""

MAX_FILES = 200

_log = logging.getLogger(__name__)

_CHECKS: tuple[Callable[[Material, Report], None], ...] = (
    pack_rules.check,
    elements.check,
    diagrams.check,
    links.check,
    links.check_thrown,
    expressions.check,
    forms.check,
    tables.check,
)
"""Each looks at one file (`report.file`) and reports what is wrong with it."""


def check_definition(definition: Definition, *, domain: Domain) -> list[Finding]:
    """Return everything found in a whole pack; a finding of severity "error" forbids publishing.

    Never raises.
    """
    return _check(definition, domain, complete=True)


def check_files(files: Mapping[str, bytes], *, domain: Domain) -> list[Finding]:
    """Return everything found in these files, errors first. Never raises.

    With a pack.toml among them they are checked as a whole pack; without, each by itself, and
    what needs the rest of the pack is left out.
    """
    return _check(Definition(files), domain, complete="pack.toml" in files)


def _check(definition: Definition, domain: Domain, *, complete: bool) -> list[Finding]:
    files = definition.files
    if len(files) > MAX_FILES:
        message = f"These are {len(files)} files; a pack holds {MAX_FILES} at most."
        return [Finding("error", "", "", "file-count", message)]
    reports = {path: Report(path) for path in files}
    material = Material(complete=complete, functions=_functions(domain))
    for path, report in reports.items():
        _guarded(report, partial(_read, files[path]), material)
    if complete and "pack.toml" not in files:
        reports["pack.toml"] = Report("pack.toml")
        reports["pack.toml"].error("", "missing", "A pack needs a file pack.toml. Add it.")
    for report in reports.values():
        for check in _CHECKS:
            _guarded(report, check, material)
    found = [finding for report in reports.values() for finding in report.findings]
    if complete and not any(report.has_errors for report in reports.values()):
        found += _as_run(definition) or try_out(definition, domain=domain)
    return sorted(found, key=lambda each: each.severity != "error")


def _read(data: bytes, material: Material, report: Report) -> None:
    if len(data) > MAX_FILE:
        report.error("", "size", "The file is larger than 2 MB. A pack's files are small texts.")
        return
    read_file(material, data, report)


def _guarded(report: Report, check: Callable[[Material, Report], None], material: Material) -> None:
    """Run one check of one file; what nobody foresaw is logged and told without its details."""
    try:
        check(material, report)
    except Exception:
        _log.exception("A check of %r failed", report.file)
        message = (
            "The file could not be checked to the end, so it cannot be published. Undo the last"
            " change to it, and tell the administrator."
        )
        report.error("", "unchecked", message)


def _as_run(definition: Definition) -> list[Finding]:
    """Read the pack as a case would; what the checks let through and this refuses is an error.

    The diagrams are left to the dry run: SpiffWorkflow reads them in its child process first.
    """
    try:
        _ = definition.pack, definition.forms, definition.tables, definition.started_by
    except PackRefused as refused:
        return list(refused.findings)
    except Exception:
        _log.exception("A pack passed its checks and cannot be read")
        message = "The pack cannot be run. Undo the last change, and tell the administrator."
        return [Finding("error", "", "", "unchecked", message)]
    return []


def _functions(domain: Domain) -> dict[str, Callable[..., object]]:
    """Return the functions that expressions may call, for their names and arguments only."""

    def of_deadline(name: object) -> object:
        return name

    def of_days(first: object, second: object) -> object:
        return first or second

    # Any day that every calendar knows.
    known = domain.functions(today=date(2026, 1, 5), days_off=DaysOff(), born=None)
    other = {"earlier": of_days, **dict.fromkeys(SITTING_FUNCTIONS, of_days)}
    return {**known, **dict.fromkeys(OF_ONE_CASE, of_deadline), **other}
