"""`[tracker]` and `[kpis]` of pack.toml: every expression can be worked out, the table is there."""

from __future__ import annotations

from engine.packs.tracker_rules import WORDS, TrackerRules
from engine.publishing.checks.language import vocabulary
from engine.publishing.checks.reading import Material, Report


def check_tracker(material: Material, rules: TrackerRules, report: Report) -> None:
    """Report what is wrong with a pack's tracker, given the other files."""
    words = vocabulary(material, WORDS)
    for what, text in rules.expressions():
        words.check(report, "tracker", text, what)
    if rules.rag and words.tables is not None and rules.rag not in words.tables:
        message = (
            f"[tracker] takes its flags from the decision table '{rules.rag[:80]}', but there is no"
            " such table. Add it, or mend the name."
        )
        report.error("tracker", "unknown-table", message)
