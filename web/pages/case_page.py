"""What the page of a case says, put together from its rows; nothing is read here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from engine import reads
from engine.domain import FactType, JsonValue
from engine.open_work import work_form
from engine.open_work.case_heads import CaseHead
from engine.open_work.work_list import WorkItemRow
from engine.packs.forms import Field, Form
from engine.packs.manifest import MessageType
from engine.packs.version import Definition
from engine.people.permissions import CaseCircle, may_correct
from engine.reads import CaseView, DeadlineRow, InstanceRow
from engine.reads.appointments import Arranged
from engine.reads.history import EventRow
from web.request import context, filters

OPEN = ("open", "breached")


@dataclass(frozen=True)
class Duty:
    """One deadline name: the row that governs, the other rows in force, and the past ones."""

    name: str
    label: str
    governing: DeadlineRow
    others: tuple[DeadlineRow, ...]
    arranged: Arranged | None = None


@dataclass(frozen=True)
class PastRow:
    """A deadline no longer in force, and the row that took its place, if one did."""

    row: DeadlineRow
    replacement: DeadlineRow | None


def duties(
    rows: Sequence[DeadlineRow], arranged: Mapping[str, Arranged] | None = None
) -> list[Duty]:
    """Return the duties in force, what comes first first: the day booked, or the limit."""
    found: dict[str, list[DeadlineRow]] = {}
    for row in rows:
        if row.status in OPEN:
            found.setdefault(row.name, []).append(row)
    made = []
    for name, group in found.items():
        ordered = sorted(group, key=lambda row: (not row.governing, row.limit_on))
        booked = (arranged or {}).get(name)
        made.append(Duty(name, ordered[0].label, ordered[0], tuple(ordered[1:]), booked))
    return sorted(made, key=_comes_on)


def _comes_on(duty: Duty) -> date:
    booking = duty.arranged.booking if duty.arranged else None
    limit = duty.governing.limit_on
    return min(limit, booking.day) if booking else limit


def past(rows: Sequence[DeadlineRow]) -> list[PastRow]:
    """Return the deadlines that were met, superseded or cancelled, newest first."""
    by_id = {row.id: row for row in rows}
    closed = [row for row in rows if row.status not in OPEN]
    closed.sort(key=lambda row: (-(row.closed_sequence or 0), row.limit_on))
    return [
        PastRow(row, by_id.get(row.superseded_by) if row.superseded_by else None) for row in closed
    ]


def next_up(work_items: Sequence[WorkItemRow]) -> WorkItemRow | None:
    """Return the open work item that comes first; one without a date comes last."""
    due = [item for item in work_items if not item.optional]
    return min(due, key=lambda item: (item.first_on is None, str(item.first_on)), default=None)


def workers(facts: Mapping[str, JsonValue], definition: Definition) -> list[tuple[str, str]]:
    """Return (role label, user name) of the case's own people, in the pack's order."""
    return [
        (role.label, str(facts[role.name]))
        for role in definition.pack.roles.values()
        if role.name in definition.pack.facts and facts.get(role.name)
    ]


def shown_facts(
    facts: Mapping[str, JsonValue], definition: Definition
) -> list[tuple[FactType, JsonValue]]:
    """Return (fact type, value) of what is known, in the pack's order, people left out."""
    return [
        (fact, facts[fact.name])
        for fact in definition.pack.facts.values()
        if facts.get(fact.name) is not None and fact.type != "user"
    ]


def correctable(facts: Mapping[str, JsonValue], definition: Definition) -> list[FactType]:
    """Return the facts that can be corrected: those known that are not derived from others."""
    return [
        fact
        for fact in definition.pack.facts.values()
        if facts.get(fact.name) is not None and not fact.derived and not fact.own
    ]


def correctable_by_me(case: CaseView, definition: Definition, circle: CaseCircle) -> frozenset[str]:
    """Return the facts, the case's and its work's own, that I may correct."""
    own = {name for each in case.instances for name in each.facts}
    known = {each.name for each in correctable(case.facts, definition)} | own
    actor, pack = context.actor(), definition.pack
    return frozenset(each for each in known if may_correct(actor, circle, pack, each))


@dataclass(frozen=True)
class PieceOfWork:
    """A running instance with facts of its own: what it is called, and those known."""

    id: UUID
    title: str
    facts: tuple[tuple[FactType, JsonValue], ...]


def pieces_of_work(instances: Sequence[InstanceRow], definition: Definition) -> list[PieceOfWork]:
    """Return the pieces of work whose own facts can be corrected, in the order they began."""
    kinds = definition.pack.facts
    made = []
    for each in instances:
        known = [
            (kinds[name], value)
            for name, value in each.facts.items()
            if name in kinds and value is not None
        ]
        if known:
            called = [str(value) for kind, value in known if kind.type == "text" and value]
            name = definition.processes[each.process].name or each.process
            title = f"{name}: {', '.join(called)}" if called else name
            made.append(PieceOfWork(each.id, title, tuple(known)))
    return made


@dataclass(frozen=True)
class TableReading:
    """A decision table as an event read it: its name, and the rows that held, by number."""

    name: str
    rows: tuple[tuple[int, str], ...]


def answers_given(event: EventRow, definition: Definition, kind: str) -> list[tuple[str, str]]:
    """Return (question, answer) of what was recorded with an event, in the form's order."""
    form = form_of(event, definition, kind)
    asked = {each.name: each for each in form.fields} if form else {}
    given = {name: value for name, value in event.answers.items() if name != "message"}
    ordered = sorted(given, key=lambda name: list(asked).index(name) if name in asked else -1)
    rows = []
    for name in ordered:
        field = asked.get(name)
        options = dict(field.options) if field else {}
        rows.append((field.title if field else "", name, _in_words(given[name], field, options)))
    return [(title or filters.humanise(name), words) for title, name, words in rows]


def words_of(
    names: Iterable[str],
    facts: Mapping[str, JsonValue],
    definition: Definition,
    *,
    blank: bool = False,
) -> dict[str, str]:
    """Return label -> value in words of these facts; with `blank`, those that are not set too."""
    return {
        definition.pack.facts[name].label: filters.fact_words(
            facts.get(name), definition.pack.facts[name]
        )
        for name in names
        if blank or facts.get(name) not in (None, "")
    }


def form_of(event: EventRow, definition: Definition, kind: str) -> Form | None:
    """Return the form that an event's answers were given to in a case of a kind, or None."""
    if event.kind == "case_opened":
        return definition.forms.get(definition.pack.kinds[kind].form)
    if event.work_item:
        name = event.work_item["name"]
        forms = [
            definition.form_of(element)
            for element in definition.elements.values()
            if name in (element.id, element.properties.get("work_item"))
        ]
        # Work of one name can be asked by several forms: to book, and to move what is booked.
        fits = [form for form in forms if form and _asks_all(form, event.answers)]
        form = next(iter([*fits, *forms]), None)
        return form and work_form.with_every_option(form, definition.tables)
    return None


def _asks_all(form: Form, answers: Mapping[str, JsonValue]) -> bool:
    return answers.keys() <= {field.name for field in form.fields}


def _in_words(value: JsonValue, field: Field | None, options: dict[str, str]) -> str:
    if isinstance(value, list) and field is not None and field.columns:
        return "; ".join(_row_in_words(row, field) for row in value if isinstance(row, dict))
    if isinstance(value, list):
        return ", ".join(options.get(str(each), filters.fact_words(each)) for each in value)
    if field is not None and field.widget == "user":
        return filters.person_name(str(value))
    return options.get(str(value)) or filters.fact_words(value)


def _row_in_words(row: dict[str, JsonValue], field: Field) -> str:
    columns = {column.name: column for column in field.columns}
    return ", ".join(
        f"{columns[name].title}: {_in_words(each, columns[name], dict(columns[name].options))}"
        if name in columns
        else f"{filters.humanise(name)}: {each}"
        for name, each in row.items()
    )


def tables_read(event: EventRow, definition: Definition) -> list[TableReading]:
    """Return the decision tables that an event read, with the rows that held."""
    readings = []
    for decision in event.decisions:
        table = definition.tables.get(str(decision["table"]))
        numbers = {rule.id: index for index, rule in enumerate(table.rules, 1)} if table else {}
        rows = tuple((numbers.get(row, 0), row) for row in decision["matched"])
        readings.append(TableReading(table.name if table else str(decision["table"]), rows))
    return readings


def offered(
    messages: list[MessageType],
    case: CaseHead,
    facts: Mapping[str, JsonValue],
    definition: Definition,
) -> list[MessageType]:
    """Return the messages that fit the case as it stands, in the pack's order."""
    return reads.fitting(
        messages, definition, case, facts, now=context.now(), domain=context.parts().domain
    )
