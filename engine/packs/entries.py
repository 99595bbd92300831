"""Every entry that a pack.toml can have: what it holds, and what it says.

What is not here means nothing, and what is of another type would be taken for something else, a
text "no" for true. The check of a pack goes by this, and the reference of packs is made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

HOLDS: Mapping[str, tuple[type, ...]] = {
    "a text": (str,),
    "true or false": (bool,),
    "a day": (date, str),
    "a list of texts": (list,),
    "a list of days": (list,),
    "a list of tables": (list,),
    "a list of lists": (list,),
    "a table": (dict,),
    "a text or a list of texts": (str, list),
}
"""What an entry can hold -> its types in TOML."""


@dataclass(frozen=True)
class Entry:
    """One entry. `holds` is one of HOLDS; `must`: a pack without it cannot be read."""

    holds: str
    says: str
    must: bool = False

    def takes(self, value: Any) -> bool:
        """Return whether a value is of the type that it holds."""
        if isinstance(value, bool):
            return self.holds == "true or false"
        return isinstance(value, HOLDS[self.holds])


TEXT, YES_NO, DAY, TEXTS = "a text", "true or false", "a day", "a list of texts"
DAYS, TABLES, TABLE = "a list of days", "a list of tables", "a table"

TOP = {
    "id": Entry(TEXT, "the pack's name in addresses: small letters, digits, - and _", must=True),
    "title": Entry(TEXT, "the council, as people read it", must=True),
    "kinds": Entry(TABLE, "the kinds of case", must=True),
    "opening": Entry(TABLE, "the one kind of case of packs written before there were kinds"),
    "openings": Entry(TABLE, "further kinds of such packs"),
    "policies": Entry(TABLE, "the policies that a case can follow", must=True),
    "roles": Entry(TABLE, "who does the work", must=True),
    "authority": Entry(TABLE, "which roles report, correct, allocate, track, look for cases"),
    "deadlines": Entry(TABLE, "deadline = what pages call it"),
    "facts": Entry(TABLE, "what is known of a case: named, dated values"),
    "values": Entry(TABLE, "lists of codes with their labels"),
    "messages": Entry(TABLE, "what can be reported of a case at any time"),
    "endings": Entry(TABLE, "how a case that has ended is spoken of"),
    "appointments": Entry(TABLE, "what is booked to meet a deadline, and who is told"),
    "sittings": Entry(TABLE, "the days on which a body sits"),
    "calendar": Entry(TABLE, "which days are no working days"),
    "tasks": Entry(TABLE, "what tasks have that say nothing"),
    "tracker": Entry(TABLE, "what managers see of all cases"),
    "kpis": Entry(TABLE, "measures over the open cases"),
}

KIND = {
    "title": Entry(
        TEXT, "what a case is called that has no name, and where one is opened", must=True
    ),
    "one": Entry(TEXT, "a noun for what it is about; without it the title"),
    "many": Entry(TEXT, "that noun of several; without it with an s"),
    "record": Entry(TEXT, "what its page is called; without it the title"),
    "process": Entry(TEXT, "the process that it starts", must=True),
    "form": Entry(TEXT, "the form that opens it", must=True),
    "roles": Entry(TEXTS, "who may open it; without it the roles whose work goes to the case"),
    "policies": Entry(TEXTS, "those that such a case can follow; without it all"),
    "managed_by": Entry(
        TEXT,
        "the role whose person manages it: its work is that of their team; without it the first"
        " role that allocates and that a case names a person for",
    ),
    "one_at_a_time": Entry(YES_NO, "no second one is opened while one is open"),
    "beside": Entry(TEXTS, "processes that begin with the case and run beside its own"),
    "tracked": Entry(YES_NO, "the tracker and the measures are of such cases"),
    "name": Entry(TEXT, "the fact, a text, that names it; a search finds it by that"),
    "also_called": Entry(TEXT, "the fact that says what else it is called; searched too"),
    "reference": Entry(TEXT, "the fact that holds your reference; searched too"),
    "born": Entry(TEXT, "the fact, a day, from which an age is worked out"),
    "birth_expected": Entry(TEXT, "the fact that holds the day on which a birth is expected"),
    "line": Entry(TEXTS, "facts that stand beside the name"),
    "summary": Entry(TEXTS, "facts that its page begins with"),
    "same": Entry(
        "a list of lists",
        "groups of facts: two open cases in which all of a group are known and equal are about the"
        " same, and the second is opened only with a reason",
    ),
}

SECTIONS: dict[str, dict[str, Entry]] = {
    "policies": {
        "title": Entry(TEXT, "what people read", must=True),
        "source": Entry(TEXT, "the document that it stands in"),
        "source_url": Entry(TEXT, "where the document is read"),
        "default": Entry(YES_NO, "cases that name none follow it; without it the first"),
        "effective_from": Entry(DAY, "no case that is opened before that day can take it"),
        "review_by": Entry(DAY, "when it has passed, pages say so"),
    },
    "roles": {
        "label": Entry(TEXT, "what people read; a lane carries it, or the role's id", must=True),
        "work_goes_to": Entry(
            TEXT, '`"case"`: to whom the fact of the role\'s name holds; `"pool"`: claimed by one'
        ),
        "unallocated_goes_to": Entry(TEXT, "the role that allocates it when nobody is named"),
        "outside_agency": Entry(YES_NO, "its people see their own task and no case"),
        "seen_for": Entry(TEXT, 'how long such people see what they did: `"2 weeks"`'),
        "independent": Entry(YES_NO, "nobody above takes its work from who has it"),
    },
    "facts": {
        "type": Entry(
            TEXT, "`date`, `code`, `text`, `boolean`, `user`, `number` or `list`", must=True
        ),
        "label": Entry(TEXT, "what people read", must=True),
        "day_phrase": Entry(TEXT, "how a deadline's sentence says the day: “the day it began”"),
        "latest": Entry(YES_NO, "a later value replaces, an earlier one does not"),
        "first": Entry(YES_NO, "the first value stays"),
        "earliest_of": Entry(TEXTS, "the earliest of other facts; never set itself"),
        "worked_out": Entry(TEXT, "an expression: a day that follows from other facts"),
        "values": Entry(TEXT, "the list of `[values]` that holds its codes"),
        "personal": Entry(YES_NO, "a mark of personal content; nothing follows from it yet"),
        "own": Entry(YES_NO, "each piece of work has its own"),
        "outsiders": Entry(YES_NO, "of a user that is own: it may name somebody of no council"),
        "corrected_by": Entry(TEXTS, "the roles that correct it, and no others"),
        "bounds": Entry(TABLES, "what a value must be like: `check` with `refuse` or `ask`"),
    },
    "messages": {
        "label": Entry(TEXT, "what people read", must=True),
        "payload": Entry(TABLE, 'field = type, `"text?"` if it may be left out'),
        "asks": Entry(TABLE, "field = `title`, `hint`, `longest` and `lines` of its question"),
        "sets": Entry(TABLE, "fact = field, or `=` and an expression"),
        "notify": Entry(TEXTS, "the roles to be told; `=field` for whom a field names"),
        "checks": Entry(TABLES, "`field`, `check`, `message`: what must hold"),
        "told_by": Entry(
            "a text or a list of texts", 'the roles that report it; `"diagrams"` for none'
        ),
        "kind": Entry(TEXT, "the kind of case of which it is reported; without it the first"),
        "to": Entry(TEXT, "the kind of case, one at a time, that it is for"),
        "intro": Entry(TEXT, "what whoever reports it reads first"),
        "says": Entry(TEXT, "what those who are told read; `{field}` is a value"),
        "offered": Entry(TEXT, "an expression: pages offer it while it holds"),
        "seen_for": Entry(TEXT, 'how long those who are told look on: `"1 month"`'),
    },
    "endings": {
        "when": Entry(TEXT, "an expression over the facts", must=True),
        "on": Entry(TEXT, "the fact that holds the day"),
        "words": Entry(TEXT, "what pages say; `{on}` is the day", must=True),
        "more": Entry(TEXT, "what follows from it"),
        "reason": Entry(TEXT, "the fact that says why"),
        "gentle": Entry(YES_NO, "of a death: no age goes on, nothing is offered"),
    },
    "appointments": {
        "day": Entry(TEXT, "the fact that holds the booked day", must=True),
        "held": Entry(TEXT, "the fact that holds the day on which it was held", must=True),
        "time": Entry(TEXT, 'the fact that holds the time, a text: "14:30"'),
        "place": Entry(TEXT, "the fact that holds the place"),
        "link": Entry(TEXT, "the fact that holds a link"),
        "agreed": Entry(TEXT, "the fact that holds a day agreed that nobody booked yet"),
        "why": Entry(TEXT, "the fact that says why it was moved or called off"),
        "people": Entry(TEXT, "the fact, a list, of who is invited"),
        "roles": Entry(TABLE, "value of people = the role that it means"),
        "tell": Entry(TEXTS, "roles told beside the people"),
        "letters_by": Entry(TEXT, "the role that hears whom to write to"),
        "seen_for": Entry(TEXT, 'how long after it those told look on: `"2 weeks"`'),
        "booked": Entry(TEXT, "what those invited read; `{when}`, `{where}`"),
        "moved": Entry(TEXT, "what they read when it is moved; `{was}`, `{why}` too"),
        "called_off": Entry(TEXT, "what they read when it is called off"),
        "uninvited": Entry(TEXT, "what those read who are left out"),
        "letter": Entry(TEXT, "what the writer of letters reads; `{people}`, `{told}`"),
    },
    "sittings": {
        "every": Entry(TEXT, '`"third Wednesday"` of each month: first to fourth, or last'),
        "dates": Entry(DAYS, "further days"),
        "not_on": Entry(DAYS, "days on which it does not sit"),
    },
    "kpis": {
        "label": Entry(TEXT, "what people read", must=True),
        "rule": Entry(TEXT, "the rules that it measures"),
        "source": Entry(TEXT, "the sentence that it comes from"),
        "among": Entry(TEXT, "an expression: of which open cases; without it all"),
        "share_of": Entry(TEXT, "an expression: for how many of them it holds"),
        "median_of": Entry(TEXT, "an expression that gives a number: the middle one"),
        "lists": Entry(TEXT, "an expression: who is named under it"),
        "list_label": Entry(TEXT, "what that list is called"),
        "assumption": Entry(YES_NO, "the policy does not give its amount"),
    },
    "tracker.columns": {
        "label": Entry(TEXT, "what people read", must=True),
        "value": Entry(TEXT, "an expression that gives what stands in it", must=True),
        "on_page": Entry(YES_NO, "it stands on the page too, not in the file alone"),
        "booked": Entry(TEXT, "the deadline whose booked day stands before the limit"),
    },
    "tracker.filters": {
        "label": Entry(TEXT, "what people read beside the box to tick", must=True),
        "when": Entry(TEXT, "an expression: which cases are left", must=True),
    },
}
"""Sections of named tables, such as [facts.began_on] -> their entries."""

SINGLE: dict[str, dict[str, Entry]] = {
    "authority": {
        "tells": Entry(TEXTS, "the roles that report what says no other"),
        "corrects": Entry(TEXTS, "the roles that correct what says no other"),
        "allocates": Entry(TEXTS, "the roles that give work of their team to somebody"),
        "tracks": Entry(TEXTS, "the roles that see the tracker"),
        "lists": Entry(TEXTS, "the roles that look for cases and see their own in a list"),
    },
    "calendar": {
        "of": Entry(
            TEXT,
            "whose bank holidays are days off: `england`, `wales`, `scotland`, `northern ireland`,"
            " `united kingdom` (those of any part)",
        ),
        "closures": Entry(DAYS, "days on which the council is closed beside them"),
    },
    "tasks": {"default_form": Entry(TEXT, "the form of a task that names none")},
    "tracker": {
        "rag": Entry(TEXT, "the decision table that gives the flag"),
        "agreed": Entry(TEXTS, "deadlines that people agree and no policy sets"),
        "columns": Entry(TABLE, "the columns, in this order"),
        "filters": Entry(TABLE, "boxes to tick"),
    },
}
"""Sections that are one table each -> their entries."""


def tables_of(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], dict[str, Entry]]]:
    """Yield each table of a pack.toml: where it stands, itself, the entries that it can have."""
    yield "pack.toml", raw, TOP
    yield "[opening]", _table(raw, "opening"), KIND
    for section, known in {"kinds": KIND, "openings": KIND, **SECTIONS}.items():
        whole = raw
        for part in section.split("."):
            whole = _table(whole, part)
        for name, entry in whole.items():
            if isinstance(entry, dict):
                yield f"[{section}.{name}]", entry, known
    for section, known in SINGLE.items():
        yield f"[{section}]", _table(raw, section), known


def wrong_types(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what holds another type than it should: its name, where it stands, what it holds.

    Texts are left out: they are looked at as they are read.
    """
    for where, table, known in tables_of(raw):
        for name, value in table.items():
            entry = known.get(name)
            if entry is not None and entry.holds != TEXT and not entry.takes(value):
                yield name, where, entry.holds


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name, {})
    return found if isinstance(found, dict) else {}
