"""docs/rules.md: what Dudley's documents demand, what follows, who is told, by when, what shows it.

python -m tests.journeys.rule_page > docs/rules.md
python -m tests.journeys.rule_page note > docs/rules-of-the-note.md

Amounts and who is told stand in the pack's tables and are read from there; the rest is in
demands.toml, and test_demands.py holds it to the pack.
"""

from __future__ import annotations

import sys
from collections import defaultdict

from engine.packs.manifest import Pack
from engine.packs.version import Definition
from tests.builders.world import pack_files
from tests.journeys.carriers import Place, carriers, cells
from tests.journeys.demands import FILE, OF_NOTE, Demand, Section, demands, sections

_HEAD = """# Rules

Made from [demands.toml](../tests/journeys/demands.toml) and the pack
(`python -m tests.journeys.rule_page`); do not edit by hand.

Dudley's three documents, sentence by sentence: {all} demands. Something follows from {done};
{record} mean a record, or ask for nothing, and say so; {lacking}.
Below the words stands the demand in ours. What follows is shown by the tests linked, which drive a
case over HTTP; for each rule a test also changes the pack, and one of its journeys must then fail
(`tests/journeys/test_rules.py`). Days and amounts are those of the pack's tables today; “assumed”
are those of which the documents say nothing.

A date that is missed turns the child red on the tracker, whoever is told; one that a meeting agreed
turns the child amber. What was missed is still to be done, and is kept as late when it is done.
"""
_HEAD_OF_NOTE = """# Rules of the guidance note

Made from [demands_of_note.toml](../tests/journeys/demands_of_note.toml) and the pack
(`python -m tests.journeys.rule_page note`); do not edit by hand.

The management guidance note, sentence by sentence: {all} demands. {record} mean a record, or ask
for nothing, and say so; {lacking}. What follows is shown by the tests linked, which drive a case
over HTTP. Days and amounts are those of the pack's tables today; “assumed” are those of which the
note says nothing.

A date that is missed turns the child red on the tracker, whoever is told; one that a meeting agreed
turns the child amber. What was missed is still to be done, and is kept as late when it is done.
"""
_SHOWN_EACH = 3
"""So many names of one file are written out where a rule stands; of more, how many there are."""


def page(of: str = "") -> str:
    """Return the whole page, Dudley's unless `of` is "note"."""
    file, head = (OF_NOTE, _HEAD_OF_NOTE) if of == "note" else (FILE, _HEAD)
    definition = Definition(pack_files("guidance_note" if of == "note" else "dudley"))
    every = demands(file)
    lacking = sum(bool(each.lacking) for each in every)
    record = sum(bool(each.record) for each in every)
    missing = "none is there in name only"
    if lacking:
        missing = f"{lacking} are there in name only, and say what is missing"
    counts = {"all": len(every), "record": record, "lacking": missing}
    lines = [head.format(done=len(every) - lacking - record, **counts)]
    number = 1
    for section in sections(file):
        lines += _section(section, number, definition)
        number += len(section.demands)
    where = _where(definition) if file == FILE else []
    return "\n".join([*lines, *where]).rstrip("\n") + "\n"


def _section(section: Section, number: int, definition: Definition) -> list[str]:
    lines = [f"## {section.document}: {section.title}", ""]
    lines += ["| | words, and what they demand | what follows | told, and by when | shown by |"]
    lines += ["|---|---|---|---|---|"]
    for place, demand in enumerate(section.demands, start=number):
        row = (
            f"{place}. {demand.rule}".strip(),
            f"“{demand.words}”<br>{demand.demand}",
            "<br>".join(_follows(demand)),
            "<br>".join([*_told(demand, definition), *_when(demand, definition)]) or "-",
            "<br>".join(_link(each) for each in demand.journeys) or "-",
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return [*lines, ""]


def _follows(demand: Demand) -> list[str]:
    said = (
        ("", demand.effect),
        ("**Not done:** ", demand.undone),
        ("**No:** ", demand.no),
        ("**Late:** ", demand.late),
        ("**A record, nothing follows.** ", demand.record),
        ("**In name only:** ", demand.lacking),
    )
    return [head + text for head, text in said if text]


def _told(demand: Demand, definition: Definition) -> list[str]:
    """Return who is told: of what is reported, by messages; of what is missed, by their rows."""
    pack = definition.pack
    lines = [f"Told: {demand.told}"] if demand.told else []
    roles = [role for each in demand.messages for role in pack.messages[each].notify]
    if roles:
        lines.append(f"Told: {_people(roles, pack)}")
    for name in demand.missed:
        row = cells(definition, "missed_dates.dmn", name)
        asked = {"true": "; the Team Manager says why", "false": ""}
        why = asked.get(row["asked"], "; the Team Manager says why, unless the amount is assumed")
        tell = [each.strip(' "') for each in row["tell"].strip("[]").split(",")]
        lines.append(f"Missed: {_people(tell, pack)}{why}")
    return lines


def _people(roles: list[str], pack: Pack) -> str:
    known = {"=owner": "whoever does it"}
    named = [known[each] if each in known else pack.roles[each].label for each in roles]
    return ", ".join(dict.fromkeys(named))


def _when(demand: Demand, definition: Definition) -> list[str]:
    lines = [_amount(definition, name) for name in demand.timescales]
    return [f"By: {each}" for each in dict.fromkeys([*lines, demand.when]) if each]


def _amount(definition: Definition, name: str) -> str:
    """Return "10 working days after the day the child came into care" as the row says it."""
    row = cells(definition, "timescales.dmn", name)
    facts = [definition.pack.facts[each.strip()] for each in row["count_from"].split(",")]
    day = ", else ".join(each.day_phrase or f"“{each.label}”" for each in facts)
    unit = row["unit"].removesuffix("s") if row["amount"] == "1" else row["unit"]
    counted = day if row["amount"] == "0" else f"{row['amount']} {unit} {row['direction']} {day}"
    further = row.get("then", "null").strip('"')
    counted += f", then {further}" if further not in ("", "null") else ""
    return counted + (" (assumed)" if row["assumption"] == "true" else "")


def _link(journey: str) -> str:
    file, *_, test = journey.split("::")
    return f"[{test.removeprefix('test_').replace('_', ' ')}](../tests/journeys/{file})"


def _where(definition: Definition) -> list[str]:
    """Return the table of what in the pack carries each rule."""
    lines = ["## Where each rule stands in the pack", ""]
    lines += [
        "An id stands where something follows from it: what asks, tells, waits or decides.",
        "",
    ]
    lines += ["| rule | elements, rows and questions |", "|---|---|"]
    for rule, places in sorted(carriers(definition).items()):
        lines.append(f"| {rule} | {'; '.join(_in_files(places))} |")
    return lines


def _in_files(places: set[Place]) -> list[str]:
    of: dict[str, list[str]] = defaultdict(list)
    for file, name in sorted(places):
        of[file].append(name)
    return [
        f"{file}: {len(names)}"
        if len(names) > _SHOWN_EACH
        else f"{file}: {', '.join(f'`{each}`' for each in names)}"
        for file, names in of.items()
    ]


if __name__ == "__main__":
    sys.stdout.write(page(*sys.argv[1:]))
