"""`[endings]` of pack.toml, and the sentences of messages: what they name is there."""

from __future__ import annotations

import re

from engine.packs.manifest import Pack
from engine.publishing.checks.language import vocabulary
from engine.publishing.checks.reading import Material, Report, listed, shortened, suggestion

_NAMED = re.compile(r"\{([^{}]*)\}")


def check_endings(material: Material, pack: Pack, report: Report) -> None:
    """Report what is wrong with how a pack speaks of cases that have ended."""
    words = vocabulary(material, ())
    for ending in pack.endings:
        of = f"the ending '{shortened(ending.name)}'"
        words.check(report, ending.name, ending.when, of)
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
