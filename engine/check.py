"""Check a pack before it is published: findings in a process owner's words."""

from __future__ import annotations

from engine.definitions import Definition
from engine.errors import Finding, PackRefused
from engine.process import Domain


def check_definition(definition: Definition, *, domain: Domain) -> list[Finding]:
    """Return everything found; a finding of severity "error" forbids publishing."""
    try:
        _ = definition.pack, definition.forms, definition.tables, definition.specs
    except PackRefused as refused:
        return list(refused.findings)
    return []
