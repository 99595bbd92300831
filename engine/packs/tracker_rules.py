"""What a pack's tracker shows: its columns, filters and measures, as pack.toml declares them.

Every value is an expression over one case's facts and `engine.tracker.tracker.WORDS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

WORDS = ("due", "booked", "first", "late", "done", "work", "work_late", "days_late", "late_duty")
"""What a tracker's expressions read beside facts.

By name of a deadline: `due` (its governing LIMIT), `booked` (the day that is booked), `first` (how
it went the first time: met, late, breached or open), `late` (how often its LIMIT was missed). By
name of a work item: `done` (how often), `work` (how many are open), `work_late` (how many of those
are past the day to act). `days_late` counts the days since the longest-missed open LIMIT, those
that were agreed left out, null when none is missed, and `late_duty` says what that is called.
"""


@dataclass(frozen=True)
class Column:
    """One column: what it is called, and the expression that gives its value.

    All are in the file that can be downloaded; those `on_page` on the page too. A column with
    `booked` shows that appointment's day, or that there is none, before its value on the page.
    """

    name: str
    label: str
    value: str
    on_page: bool = False
    booked: str = ""


@dataclass(frozen=True)
class Filter:
    """A filter that anybody can choose: `when` holds for the cases that stay."""

    name: str
    label: str
    when: str


@dataclass(frozen=True)
class Measure:
    """One measure over the cases for which `among` holds.

    `share_of`: for how many of them it holds. `median_of`: the median of a number, of those that
    have one. `lists`: which of them are listed by reference. `assumption` says so beside it.
    """

    name: str
    label: str
    rule_ids: tuple[str, ...] = ()
    source: str = ""
    among: str = "true"
    share_of: str = ""
    median_of: str = ""
    lists: str = ""
    list_label: str = ""
    assumption: bool = False


@dataclass(frozen=True)
class TrackerRules:
    """A pack's tracker. `rag` is the decision table that gives `rag` and `reason`.

    `agreed`: deadlines that people agree and no policy sets, so that missing one is no breach.
    """

    rag: str = ""
    agreed: frozenset[str] = frozenset()
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    measures: tuple[Measure, ...] = field(default=())

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Yield (what it belongs to, expression) of everything that pack.toml writes."""
        yield from ((f"the column '{each.name}'", each.value) for each in self.columns)
        yield from ((f"the filter '{each.name}'", each.when) for each in self.filters)
        for each in self.measures:
            written = (each.among, each.share_of, each.median_of, each.lists)
            yield from ((f"the measure '{each.name}'", text) for text in written if text)


def read_tracker(raw: Mapping[str, Any]) -> TrackerRules:
    """Return what `[tracker]` and `[kpis]` of pack.toml say.

    Raises:
        KeyError, TypeError, ValueError: an entry is missing or of the wrong kind.
    """
    tracker = raw.get("tracker", {})
    return TrackerRules(
        rag=str(tracker.get("rag", "")),
        agreed=frozenset(map(str, tracker.get("agreed", ()))),
        columns=tuple(
            Column(
                name,
                str(entry["label"]),
                str(entry["value"]),
                bool(entry.get("on_page", False)),
                str(entry.get("booked", "")),
            )
            for name, entry in tracker.get("columns", {}).items()
        ),
        filters=tuple(
            Filter(name, str(entry["label"]), str(entry["when"]))
            for name, entry in tracker.get("filters", {}).items()
        ),
        measures=tuple(_measure(name, entry) for name, entry in raw.get("kpis", {}).items()),
    )


def _measure(name: str, entry: Mapping[str, Any]) -> Measure:
    if not any(entry.get(each) for each in ("share_of", "median_of", "lists")):
        raise ValueError(f"kpis.{name} needs share_of, median_of or lists")
    texts = ("source", "share_of", "median_of", "lists", "list_label")
    return Measure(
        name=name,
        label=str(entry["label"]),
        rule_ids=tuple(str(entry.get("rule", "")).split()),
        among=str(entry.get("among", "true")),
        assumption=bool(entry.get("assumption", False)),
        **{each: str(entry.get(each, "")) for each in texts},
    )
