"""A pack's `pack.toml`: who, what, when. One council's policy as data, parsed and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, cast

from engine.domain import CALENDARS, DaysOff, FactType, FactValue, Role
from engine.errors import Finding, PackRefused
from engine.packs.appointments import Appointment, read_appointments
from engine.packs.authority import Authority, opened_by, read_authority, roles_named
from engine.packs.ending_words import Ending, read_endings
from engine.packs.fact_bounds import read_bounds
from engine.packs.kinds import Kind, names_in, read_kinds
from engine.packs.sittings import Sittings, read_sittings
from engine.packs.tracker_rules import TrackerRules, read_tracker
from engine.packs.worked_out import bases_of

FACT_TYPES = ("date", "code", "text", "boolean", "user", "number", "list")
LONGEST_TEXT = 4_000
"""Characters of a text in a message."""
DIAGRAMS = "diagrams"
"""`told_by` of a message that no person tells."""


@dataclass(frozen=True)
class Policy:
    """One policy of a pack; frozen per case. Dates are calendar dates."""

    id: str
    title: str
    source: str = ""
    source_url: str = ""
    default: bool = False
    effective_from: date | None = None
    review_by: date | None = None


@dataclass(frozen=True)
class PayloadField:
    """One field of a message: its JSON type, whether it must be there, and how people are asked.

    `title` is "" where the label of the fact that it sets, or its name, will do. `longest` is in
    characters, of a text; `lines`: it is asked for in a field of several lines.
    """

    name: str
    type: str
    required: bool
    title: str = ""
    hint: str = ""
    longest: int = LONGEST_TEXT
    lines: bool = False


@dataclass(frozen=True)
class MessageType:
    """A message a case can be sent: payload, the facts it sets, and who is told."""

    name: str
    label: str
    payload: tuple[PayloadField, ...]
    sets: Mapping[str, str]
    notify: tuple[str, ...]
    """Roles; or "=field" for those that a field of the payload names."""

    checks: tuple[Mapping[str, str], ...]
    told_by_diagrams: bool = False
    """Nobody can send it: a diagram alone knows when it is true."""

    told_by: tuple[str, ...] | None = None
    """Roles whose people may send it; None: those that may send any."""

    kind: str = ""
    """Of which kind of case it can be reported."""

    to: str = ""
    """The kind of case whose diagrams it is for, "" for those of the case that tells it."""

    intro: str = ""
    """What whoever reports it reads first: what follows from it."""

    says: str = ""
    """What those told read, with `{name}` for what the payload holds; without it the label."""

    seen_for: str = ""
    """How long whoever is told sees the case, such as "10 working days"; "" for not at all."""

    offered: str = ""
    """An expression over the facts: whether a case's page offers it. Always, if not given."""


@dataclass(frozen=True)
class Pack:
    """What pack.toml says. Everything keeps the file's order."""

    id: str
    title: str
    kinds: Mapping[str, Kind]
    policies: Mapping[str, Policy]
    roles: Mapping[str, Role]
    facts: Mapping[str, FactType]
    messages: Mapping[str, MessageType]
    days_off: DaysOff = field(default_factory=DaysOff)
    default_form: str = "done_with_note"
    deadlines: Mapping[str, str] = field(default_factory=dict)
    tracker: TrackerRules = field(default_factory=TrackerRules)
    endings: tuple[Ending, ...] = ()
    appointments: Mapping[str, Appointment] = field(default_factory=dict)
    authority: Authority = field(default_factory=lambda: read_authority({}, {}))
    sittings: Mapping[str, Sittings] = field(default_factory=dict)

    def default_policy(self, kind: str) -> str:
        """Return the policy of a case of this kind that names none."""
        if of_kind := self.kinds[kind].policies:
            return of_kind[0]
        for policy in self.policies.values():
            if policy.default:
                return policy.id
        return next(iter(self.policies))

    @property
    def first_kind(self) -> str:
        """The kind of a case that is opened without saying which."""
        return next(iter(self.kinds))

    def born(self, facts: Mapping[str, FactValue]) -> FactValue:
        """Return the day of birth of whom a case with these facts is about, None for none."""
        known = (facts.get(each) for each in self.born_facts)
        return next((each for each in known if each), None)

    @cached_property
    def born_facts(self) -> tuple[str, ...]:
        """The facts that give a day of birth, of all kinds of case."""
        return tuple(filter(None, (each.born for each in self.kinds.values())))

    @property
    def opening_processes(self) -> frozenset[str]:
        """The processes that cases begin with: when one ends, its case is closed."""
        return frozenset(each.process for each in self.kinds.values())

    @property
    def processes_beside(self) -> frozenset[str]:
        """The processes that begin with a case, beside the one that it is."""
        return frozenset(name for each in self.kinds.values() for name in each.beside)

    def messages_of(self, kind: str) -> list[MessageType]:
        """Return what people can report of a case of this kind, in the file's order."""
        of_kind = (each for each in self.messages.values() if each.kind == kind)
        return [each for each in of_kind if not each.told_by_diagrams]

    def policies_in_force(self, day: date, kind: str) -> dict[str, Policy]:
        """Return the policies that a case of this kind, opened on `day`, can take."""
        of_kind = self.kinds[kind].policies or tuple(self.policies)
        return {
            each.id: each
            for each in self.policies.values()
            if each.id in of_kind and (each.effective_from is None or each.effective_from <= day)
        }

    def role_of_lane(self, lane: str) -> Role | None:
        """Return the role that a lane's name means: its id or its label."""
        wanted = lane.strip().lower()
        for role in self.roles.values():
            if wanted in (role.name, role.label.lower()):
                return role
        return None


def parse_pack(data: bytes) -> Pack:
    """Read pack.toml.

    Raises:
        PackRefused: not TOML, or an entry is missing or of the wrong kind; the findings name it.
    """
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:  # not UTF-8, not TOML, or a number of thousands of digits
        raise _refused("", "toml", f"pack.toml cannot be read: {error}.") from error
    try:
        return _pack(raw)
    except KeyError as error:
        name = str(error.args[0])
        raise _refused(name, "missing", f"pack.toml has no entry {name!r}. Add it.") from error
    except (TypeError, AttributeError, ValueError) as error:
        message = f"An entry of pack.toml is of the wrong kind: {error}."
        raise _refused("", "wrong kind", message) from error


def _refused(element: str, rule: str, message: str) -> PackRefused:
    return PackRefused([Finding("error", "pack.toml", element, rule, message)])


def _pack(raw: Mapping[str, Any]) -> Pack:
    values = raw.get("values", {})
    roles = {name: _role(name, entry) for name, entry in raw["roles"].items()}
    authority = read_authority(raw, roles)
    kinds = read_kinds(raw, opened_by=opened_by(roles), managed_by=_manages(raw, authority))
    first = next(iter(kinds))
    messages = raw.get("messages", {})
    return Pack(
        id=raw["id"],
        title=raw["title"],
        kinds=kinds,
        policies={name: _policy(name, entry) for name, entry in raw["policies"].items()},
        roles=roles,
        facts=_facts(raw["facts"], values),
        messages={name: _message(name, entry, first) for name, entry in messages.items()},
        days_off=_days_off(raw.get("calendar", {})),
        default_form=raw.get("tasks", {}).get("default_form", "done_with_note"),
        deadlines={name: str(label) for name, label in raw.get("deadlines", {}).items()},
        tracker=read_tracker(raw),
        endings=read_endings(raw),
        appointments=read_appointments(raw),
        authority=authority,
        sittings=read_sittings(raw),
    )


def _manages(raw: Mapping[str, Any], authority: Authority) -> str:
    """Return the role that manages cases of a kind that does not say: the first of those that
    allocate and of whom a case names its own.
    """
    facts = raw.get("facts", {})
    people = {name for name, fact in facts.items() if fact.get("type") == "user"}
    return next((role for role in authority.allocates if role in people), "")


def _days_off(entry: Mapping[str, Any]) -> DaysOff:
    of = entry.get("of", CALENDARS[0])
    if of not in CALENDARS:
        raise ValueError(f"calendar.of must be one of {', '.join(CALENDARS)}")
    return DaysOff(of, tuple(_day(day) for day in entry.get("closures", ())))


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _policy(name: str, entry: Mapping[str, Any]) -> Policy:
    return Policy(
        id=name,
        title=entry["title"],
        source=entry.get("source", ""),
        source_url=entry.get("source_url", ""),
        default=bool(entry.get("default", False)),
        effective_from=_optional_day(entry.get("effective_from")),
        review_by=_optional_day(entry.get("review_by")),
    )


def _optional_day(value: object) -> date | None:
    return None if value is None else _day(value)


def _role(name: str, entry: Mapping[str, Any]) -> Role:
    goes_to = entry.get("work_goes_to", "pool")
    if goes_to not in ("case", "pool"):
        raise ValueError(f"roles.{name}.work_goes_to must be case or pool")
    return Role(
        name=name,
        label=entry["label"],
        work_goes_to=goes_to,
        unallocated_goes_to=entry.get("unallocated_goes_to"),
        outside_agency=bool(entry.get("outside_agency", False)),
        seen_for=str(entry.get("seen_for", "")),
        independent=bool(entry.get("independent", False)),
    )


def _facts(raw: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, FactType]:
    facts: dict[str, FactType] = {}
    for name, entry in raw.items():
        kind = _fact(name, entry, values)
        facts[name] = replace(kind, reads=bases_of(kind.worked_out, facts))
    return facts


def _fact(name: str, entry: Mapping[str, Any], values: Mapping[str, Any]) -> FactType:
    if entry["type"] not in FACT_TYPES:
        raise ValueError(f"facts.{name}.type must be one of {', '.join(FACT_TYPES)}")
    listed = entry.get("values")
    return FactType(
        name=name,
        type=cast(
            Literal["date", "code", "text", "boolean", "user", "number", "list"], entry["type"]
        ),
        label=entry["label"],
        day_phrase=entry.get("day_phrase", ""),
        latest=bool(entry.get("latest", False)),
        first=bool(entry.get("first", False)),
        earliest_of=tuple(entry.get("earliest_of", ())),
        worked_out=str(entry.get("worked_out", "")),
        values=dict(values[listed]) if isinstance(listed, str) else {},
        personal=bool(entry.get("personal", False)),
        own=bool(entry.get("own", False)),
        outsiders=bool(entry.get("outsiders", False)),
        corrected_by=roles_named(entry, "corrected_by", f"facts.{name}"),
        bounds=read_bounds(entry, f"facts.{name}"),
    )


def _payload(
    message: str, payload: Mapping[str, str], asks: Mapping[str, Mapping[str, Any]]
) -> tuple[PayloadField, ...]:
    if strange := asks.keys() - payload.keys():
        raise ValueError(f"messages.{message}.asks names {sorted(strange)}, not in its payload")
    return tuple(
        _asked(f"messages.{message}.asks.{name}", name, kind, asks.get(name, {}))
        for name, kind in payload.items()
    )


def _asked(where: str, name: str, kind: str, entry: Mapping[str, Any]) -> PayloadField:
    if strange := entry.keys() - {"title", "hint", "longest", "lines"}:
        raise ValueError(f"{where} has {sorted(strange)}; it can have title, hint, longest, lines")
    type, longest = kind.rstrip("?"), entry.get("longest", LONGEST_TEXT)
    if type != "text" and ("longest" in entry or "lines" in entry):
        raise ValueError(f"{where} has longest or lines, which only a text has")
    if not isinstance(longest, int) or not 0 < longest <= LONGEST_TEXT:
        raise ValueError(f"{where}.longest must be between 1 and {LONGEST_TEXT}")
    return PayloadField(
        name=name,
        type=type,
        required=not kind.endswith("?"),
        title=str(entry.get("title", "")),
        hint=str(entry.get("hint", "")),
        longest=longest,
        lines=bool(entry.get("lines", False)),
    )


def _message(name: str, entry: Mapping[str, Any], first_kind: str) -> MessageType:
    by_diagrams = entry.get("told_by") == DIAGRAMS
    told_by = None if by_diagrams else roles_named(entry, "told_by", f"messages.{name}")
    return MessageType(
        name=name,
        label=entry.get("label", name.replace("_", " ").capitalize()),
        payload=_payload(name, entry.get("payload", {}), entry.get("asks", {})),
        sets=dict(entry.get("sets", {})),
        notify=names_in(entry, "notify"),
        checks=tuple(entry.get("checks", ())),
        told_by_diagrams=by_diagrams,
        told_by=told_by,
        kind=entry.get("kind", first_kind),
        to=entry.get("to", ""),
        **{name: str(entry.get(name, "")) for name in ("intro", "says", "offered", "seen_for")},
    )
