"""Every route for everybody: who is let in, who is refused, who hears that there is no such thing.

    python -m tests.measures.authority [--database postgresql]

prints the number of cells and what is wrong. A cell is one method of one route, asked by one
person about one thing: a case of their own, another child's, another council's, or one that there
is not. Whom a route is for comes from the table of routes that the access check reads; who sees
which case, and what commands ask beyond it, is said here once more, in the words of the pack.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.routing import Rule

from engine.packs.authority import ALLOCATES, LISTS, TRACKS
from tests.builders.two_councils import TwoCouncils, fill
from tests.databases import PostgresqlDatabases, run_postgresql
from web.request.routes import ROUTES

SIGNED_OUT, HIDDEN, REFUSED, LET_IN = "signed out", "404", "403", "let in"

NORTH = (
    "social_worker", "social_worker_2", "team_manager", "team_manager_2", "service_manager", "iro",
    "panel_administrator", "agency", "agency_2", "auditor", "process_owner", "administrator",
)  # fmt: skip
SOUTH = (
    "social_worker", "team_manager", "panel_administrator", "agency", "auditor", "process_owner",
    "administrator",
)  # fmt: skip
PEOPLE: tuple[str | None, ...] = (
    None,
    *(f"north.{each}" for each in NORTH),
    *(f"south.{each}" for each in SOUTH),
    "auditor",
    "process_owner",
    "administrator",
)
"""Who asks; None is signed out. `agency` has a task of the first case, `agency_2` none."""

OF_EACH_KIND: tuple[str | None, ...] = (
    None,
    *(f"north.{each}" for each in NORTH if each != "team_manager_2"),
    "south.social_worker",
    "auditor",
)
"""Those of them who differ from each other in what they may."""

POWERS = {
    ALLOCATES: {"team_manager", "service_manager"},
    TRACKS: {"team_manager", "service_manager", "iro", "auditor"},
    LISTS: {"social_worker", "team_manager", "service_manager", "iro", "panel_administrator",
        "auditor"},
}  # fmt: skip
OPENS = {"social_worker", "team_manager"}
NAMED = ("social_worker", "team_manager", "service_manager", "iro")


@dataclass(frozen=True)
class Work:
    """A task: its role, and who has it."""

    name: str
    role: str
    holder: str | None


@dataclass(frozen=True)
class Target:
    """What is asked about. `named` are the people of its case; `exists` is false of nothing."""

    words: str
    council: str
    arguments: dict[str, object]
    named: frozenset[str] = frozenset()
    work: Work | None = None
    exists: bool = True


@dataclass(frozen=True)
class Cell:
    """One answer and the one that was wanted."""

    route: str
    method: str
    person: str | None
    about: str
    wanted: str
    got: str
    body: str = field(compare=False)


def role_of(person: str) -> str:
    return person.partition(".")[2].removesuffix("_2") or person


def council_of(person: str) -> str:
    """Return the council of somebody, "" of those of none."""
    return person.partition(".")[0] if "." in person else ""


def is_in(person: str, target: Target) -> bool:
    """Return whether a thing is of the person's council."""
    return target.exists and council_of(person) in ("", target.council)


def sees_case(person: str, target: Target) -> bool:
    """Named in it, of a pool whose work waits in it, or an auditor; never an outside agency."""
    reads = role_of(person) in ("auditor", "panel_administrator")
    return is_in(person, target) and (reads or person in target.named)


def sees(person: str, target: Target) -> bool:
    is_theirs = target.work is not None and target.work.holder == person
    return sees_case(person, target) or (is_theirs and target.exists)


def may_do(person: str, work: Work) -> bool:
    return role_of(person) == work.role and work.holder in (None, person)


def wanted(endpoint: str, person: str | None, target: Target) -> str:
    """Return how a route is to answer somebody."""
    route = ROUTES[endpoint]
    if route.who == "anyone":
        return LET_IN
    if person is None:
        return SIGNED_OUT
    about_council = route.who in ("pack", "person", "case of the council")
    if about_council and not is_in(person, target):
        return HIDDEN
    if route.who == "case" and not sees_case(person, target):
        return HIDDEN
    if route.who == "work item" and not sees(person, target):
        return HIDDEN
    able = {*route.roles, *(each for power in route.powers for each in POWERS[power])}
    if (route.roles or route.powers) and role_of(person) not in able:
        return REFUSED
    return _beyond(endpoint, person, target)


def _beyond(endpoint: str, person: str, target: Target) -> str:
    """Return what the view and its command say to somebody whom the table lets in."""
    role, work = role_of(person), target.work
    if endpoint in ("api.send_message", "messages.show", "api.correct_fact", "corrections.show"):
        return LET_IN if person in target.named else REFUSED
    if endpoint == "api.add_comment":
        return REFUSED if role == "auditor" else LET_IN
    if endpoint in ("api.complete_work_item", "api.save_draft") and work:
        return LET_IN if may_do(person, work) else REFUSED
    if endpoint == "api.claim" and work:
        return LET_IN if work.holder is None and work.role == role else REFUSED
    if endpoint == "api.release" and work:
        return LET_IN if work.holder == person and work.role == "agency" else REFUSED
    if endpoint == "api.assign" and work:
        is_manager = role == "team_manager" and person in target.named
        return LET_IN if is_manager else REFUSED
    if endpoint in ("cases.new", "cases.choose"):
        return LET_IN if role in OPENS else REFUSED
    if endpoint == "api.open_case":
        # A pack that is not there is a wrong field, whosever it is.
        return LET_IN if role in OPENS or not is_in(person, target) else REFUSED
    if endpoint in ("people.show", "api.hand_over", "api.name_cover"):
        return _of_a_person(endpoint, person, target)
    if endpoint in ("api.end_cover", "api.retry_incident", "api.skip_incident", "sections.show"):
        return HIDDEN  # No such cover or incident is anybody's, and these forms have no sections.
    return LET_IN if endpoint != "own_cases.index" or _has_list(role) else REFUSED


def _has_list(role: str) -> bool:
    return role in POWERS[LISTS] or role == "agency"


def _of_a_person(endpoint: str, person: str, target: Target) -> str:
    if not is_in(person, target):
        return HIDDEN
    asked = target.arguments["name"]
    manages = person == f"{target.council}.team_manager"
    if endpoint == "api.name_cover":
        return LET_IN if manages or asked == person else REFUSED
    operates = role_of(person) == "administrator"
    if endpoint == "people.show":
        return LET_IN if manages or operates or asked == person else HIDDEN
    return LET_IN if manages or operates else REFUSED


class Matrix:
    """Two councils with a case each, and another child in the first."""

    def __init__(self, councils: TwoCouncils) -> None:
        self.councils = councils
        second = {role: f"north.{role}_2" for role in NAMED}
        own, other = councils.open_case(), councils.open_case(**second)
        theirs = councils.open_case("south")
        councils.call("north.agency", "POST", f"{councils.path('advise', own)}/claim")
        councils.add_person("north.agency_3", ["agency"])
        councils.call("north.agency_3", "POST", f"{councils.path('advise', other)}/claim")
        people = {
            own: frozenset(f"north.{role}" for role in NAMED),
            other: frozenset(second.values()),
            theirs: frozenset(f"south.{role}" for role in NAMED),
        }
        refs = {"own": own, "other child": other, "other council": theirs}
        council = {own: "north", other: "north", theirs: "south"}
        self.cases = [
            Target(words, council[ref], _of_case(ref), people[ref]) for words, ref in refs.items()
        ] + [Target("nothing", "", _of_case("P-AAAAA-AAAAA"), exists=False)]
        works = [
            ("own", own, Work("visit", "social_worker", "north.social_worker")),
            ("own", own, Work("advise", "agency", "north.agency")),
            ("own", own, Work("prepare", "panel_administrator", None)),
            ("other child", other, Work("visit", "social_worker", "north.social_worker_2")),
            ("other child", other, Work("advise", "agency", "north.agency_3")),
            ("other council", theirs, Work("visit", "social_worker", "south.social_worker")),
        ]
        unknown = {"work_item_id": councils.unknown("work"), "section": "main"}
        self.works = [
            Target(
                f"{words}: {work.name}",
                council[ref],
                {"work_item_id": councils.work(work.name, ref)["id"], "section": "main"},
                people[ref],
                work,
            )
            for words, ref, work in works
        ] + [Target("nothing", "", unknown, exists=False)]
        self.packs = [
            Target(each, each, _of_pack(each, councils.version(each)))
            for each in ("north", "south")
        ] + [Target("nothing", "", _of_pack("west", "0" * 64), exists=False)]
        self.people = [
            Target(each, each, {"name": f"{each}.social_worker"}) for each in ("north", "south")
        ] + [Target("nothing", "", {"name": "south.nobody"}, exists=False)]
        ids = {"cover_id": councils.unknown("cover"), "incident_id": councils.unknown("incident")}
        self.rest = [Target("", "", {**ids, "filter_id": ids["cover_id"]})]

    def targets(self, rule: Rule) -> Sequence[Target]:
        """Return what a route is asked about."""
        who = ROUTES[rule.endpoint].who
        if who in ("case", "case of the council"):
            return self.cases
        if who == "work item":
            return self.works
        if who == "pack" or rule.endpoint == "api.open_case":
            return self.packs
        if who == "person" or rule.endpoint == "api.name_cover":
            return self.people
        return self.rest

    def cells(self, people: Sequence[str | None] = PEOPLE) -> Iterator[Cell]:
        """Yield every cell of these people."""
        for rule in self.councils.app.url_map.iter_rules():
            # The address with the kind of a child's case leads to the one without, for everybody.
            if rule.endpoint == "static" or ("kind" in rule.arguments and not rule.defaults):
                continue
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                for target in self.targets(rule):
                    for person in people:
                        yield self._cell(rule, method, person, target)

    def _cell(self, rule: Rule, method: str, person: str | None, target: Target) -> Cell:
        given = {name: target.arguments.get(name, MORE.get(name)) for name in rule.arguments}
        with self.councils.app.test_request_context():
            _, path = rule.build(given, append_unknown=False)  # type: ignore[misc]
        sent = self._sent(rule.endpoint, target) if path.startswith("/api/") else {}
        answer = self.councils.ask(person, method, path, **sent)
        got = _said(answer)
        self._undo(rule.endpoint, path, person, answer.status_code)
        text = _plain(answer.get_data(as_text=True)) if answer.status_code == 404 else ""
        for name in given.values():
            text = text.replace(str(name), "…")
        want = wanted(rule.endpoint, person, target)
        return Cell(rule.endpoint, method, person, target.words, want, got, text)

    def _sent(self, endpoint: str, target: Target) -> dict[str, Any]:
        """Return a body that says who may, and else changes nothing."""
        bodies: dict[str, Any] = {
            "api.send_message": {"name": "moved", "payload": {}},
            "api.correct_fact": {"fact": "began_on", "value": "soon", "reason": "x"},
            "api.add_comment": {"text": ""},
            "api.complete_work_item": {"answers": {}},
            "api.save_draft": {"answers": {}},
            "api.assign": {"to": "north.nobody"},
            "api.open_case": {"pack": target.arguments.get("pack"), "facts": {}},
            "api.name_cover": {
                "person": target.arguments.get("name"),
                "covered_by": "north.nobody",
                "from_on": "2026-03-09",
                "to_on": "2026-03-10",
            },
            "api.hand_over": {"successors": {}},
            "api.find_cases": {"term": "Child"},
            "api.skip_incident": {"reason": "x"},
            "api.set_clock": {"now": "2026-03-09T09:00:00+00:00"},
        }
        return {"json": bodies[endpoint]} if endpoint in bodies else {}

    def _undo(self, endpoint: str, path: str, person: str | None, status: int) -> None:
        """Give back what was claimed, and claim what was given back."""
        if status == 200 and endpoint in ("api.claim", "api.release"):
            back = "release" if endpoint == "api.claim" else "claim"
            self.councils.ask(person, "POST", f"{path.rpartition('/')[0]}/{back}")


MORE: dict[str, object] = {
    "sequence": 1,
    "process": "case",
    "kind": "child",
    "table": "timescales",
    "form": "case",
    "path": "pack.toml",
    "name": "moved",
}
"""Arguments of routes beside what they are about: of things that are there."""


def _of_case(ref: str) -> dict[str, object]:
    return {"ref": ref, "case_ref": ref}


def _of_pack(pack: str, version: str) -> dict[str, object]:
    return {"pack": pack, "definition": version}


def _said(answer: Any) -> str:
    status, to = answer.status_code, answer.headers.get("Location", "")
    if status == 401 or (status == 303 and to.startswith("/sign-in")):
        return SIGNED_OUT
    if status in (403, 404):
        return str(status)
    return LET_IN if status < 500 or status == 503 else f"a fault: {status}"


def _plain(text: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", text)


def wrong(cells: Sequence[Cell]) -> list[str]:
    """Return what is wrong, a line for each cell, and 404s of one route that tell things apart."""
    found = [
        f"{each.method} {each.route} ({each.about}) for {each.person or 'nobody'}:"
        f" {each.got}, not {each.wanted}"
        for each in cells
        if each.got != each.wanted
    ]
    bodies: dict[tuple[str, str, str | None], set[str]] = {}
    for each in cells:
        if each.got == HIDDEN:
            bodies.setdefault((each.route, each.method, each.person), set()).add(each.body)
    found += [
        f"{method} {route} for {person}: {len(texts)} ways of saying that there is none"
        for (route, method, person), texts in bodies.items()
        if len(texts) > 1
    ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.measures.authority")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    if parser.parse_args().database == "postgresql":
        with run_postgresql("authority") as server:
            _print(PostgresqlDatabases(server, worker="authority").create(fill))
    else:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/authority.sqlite"
            fill(url)
            _print(url)


def _print(url: str) -> None:
    councils = TwoCouncils(url)
    cells = list(Matrix(councils).cells())
    councils.close()
    found = wrong(cells)
    sys.stdout.write("\n".join([f"{len(cells)} cells, {len(found)} wrong", *found]) + "\n")


if __name__ == "__main__":
    main()
