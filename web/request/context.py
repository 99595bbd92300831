"""What a request works with: the database, who acts, and what time it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar, cast
from uuid import UUID

from flask import current_app, g, request

from engine import firing, reads
from engine.commands import failed_step
from engine.context import Actor, Context
from engine.domain import Domain, JsonValue
from engine.errors import AnswersRefused, StepFailed, TimerFailed
from engine.firing import Firing, training_clock
from engine.packs.forms import Form
from engine.packs.kinds import CASE, Kind
from engine.people import kept_requests, people
from engine.reads import CaseOpening
from engine.storage import database, published_versions
from engine.storage.database import Connection, Engine

T = TypeVar("T")

MOST_HELD_BACK = 5
"""Timers that one step may find with a date that cannot be worked out."""


@dataclass(frozen=True)
class Parts:
    """What the composition root put together; the same for every request."""

    engine: Engine
    domain: Domain
    mode: str

    @property
    def training(self) -> bool:
        return self.mode == "training"


@dataclass(frozen=True)
class WrongToken:
    """A secret that opens nothing any more: of whom it was, if that is known.

    `address`: where a bearer token came from; None of a session that is over.
    """

    of: str | None
    address: str | None


def parts() -> Parts:
    return cast(Parts, current_app.extensions["permanence"])


@contextmanager
def reading() -> Iterator[Connection]:
    """Yield the connection that this request reads with: one transaction, so one picture.

    It is begun by the access check and ends with the answer. What the request itself writes is
    not in it: read that inside the step, or after `look_again`.
    """
    if "picture" not in g:
        g.picture = ExitStack()
        g.picture_connection = g.picture.enter_context(database.reading(parts().engine))
    yield g.picture_connection


def read(work: Callable[[Context], T]) -> T:
    """Run `work`, which only reads, on the request's picture as the person of this request."""
    with reading() as connection:
        return work(Context(connection, actor(), now(), parts().domain))


def look_again() -> None:
    """End the request's reading; the next one sees what was written meanwhile."""
    picture: ExitStack | None = g.pop("picture", None)
    if picture is None:
        return
    # Nothing was written on it, so nothing is lost if it ended with its connection.
    with suppress(database.Unreachable):
        picture.close()


def writing(work: Callable[[Context], T]) -> T:
    """Run `work` in one transaction as the person of this request; retried on a conflict.

    The line of the access log is written in it. In training, what it sent to other cases is
    delivered before the answer: no worker does it.
    """
    try:
        done, sent = _written(work)
    except AnswersRefused as refused:
        g.to_confirm = refused.asked
        raise
    if sent:
        firing.take_messages(_firing())
    return done


def _written(work: Callable[[Context], T]) -> tuple[T, bool]:
    """Return what `work` returned, and whether a message of it waits to be taken here."""

    def run(connection: Connection) -> tuple[T, bool]:
        here = parts()
        recorded_at = wall_clock() if here.training else None
        ctx = Context(
            connection,
            actor(),
            now(),
            here.domain,
            recorded_at=recorded_at,
            confirmed=confirmed(),
        )
        done = work(ctx)
        if g.get("case_id") and not g.get("access_noted"):
            note_access(connection, "changed")
        return done, here.training and bool(firing.receivers_due(connection, now()))

    for _ in range(MOST_HELD_BACK):
        try:
            written = database.in_transaction(parts().engine, run)
            g.access_noted = g.get("access_noted") or bool(g.get("case_id"))
            return written
        except TimerFailed as error:
            # Somebody's work must not fail for a timer whose date cannot be worked out.
            case_id = g.get("case_id")
            if case_id is None or not firing.hold_back(_firing(), case_id, error):
                raise
    return database.in_transaction(parts().engine, run)


def completing(
    work_item_id: UUID, answers: Mapping[str, JsonValue], work: Callable[[Context], T]
) -> T:
    """Run `work`, which completes a task, as `writing` does.

    Raises:
        WorkFailed: its process could not go on; the answers are kept, the failure is counted.
    """
    try:
        return writing(work)
    except StepFailed as error:
        failed = error
    raise writing(lambda ctx: failed_step.record(ctx, work_item_id, answers, failed)) from failed


def saw(refs: Iterable[str]) -> None:
    """Keep that what this request shows is of these cases, beside the one that it is about."""
    g.setdefault("seen", set()).update(refs)


def asks(form: Form) -> None:
    """Keep which form this request is about: its words name what was typed, if it is refused."""
    g.asked_form = form


def asked() -> Form | None:
    return cast("Form | None", g.get("asked_form"))


def confirm(answers: Mapping[str, JsonValue]) -> None:
    """Keep what a call says is right, though it is unlikely: question -> answer."""
    g.confirmed = dict(answers)


def confirmed() -> dict[str, JsonValue]:
    """Return the same; of a page, what was ticked: "question=answer"."""
    if "confirmed" not in g:
        ticked = [] if request.blueprint == "api" else request.form.getlist("confirmed")
        pairs = (each.partition("=") for each in ticked)
        g.confirmed = {name: answer for name, _, answer in pairs}
    return cast("dict[str, JsonValue]", g.confirmed)


def to_confirm() -> dict[str, JsonValue]:
    """Return the unlikely answers that this request was refused for: question -> answer."""
    return cast("dict[str, JsonValue]", g.get("to_confirm", {}))


def refuse(case_id: UUID) -> None:
    """Keep that this request asked for a case that it may not see."""
    g.refused_case_id = case_id


def note_access(connection: Connection, outcome: kept_requests.Outcome) -> None:
    """Write the access log's line of this request: who, what, about which cases."""
    who = signed_in()
    wrong: WrongToken | None = g.get("wrong_token")
    kept_requests.write_access(
        connection,
        actor=who.name if who else wrong.of if wrong else None,
        at=wall_clock(),
        route=request.endpoint or "",
        method=request.method,
        case_id=g.get("case_id") or g.get("refused_case_id"),
        outcome=outcome,
        cases=g.get("seen", ()),
        address=wrong.address if wrong else None,
    )


def fire(case_id: UUID) -> int:
    """Fire what is due in a case now; return how often something fired."""
    return firing.fire_case(_firing(), case_id)


def _firing() -> Firing:
    here = parts()
    return Firing(here.engine, here.domain, now(), wall_clock() if here.training else None)


def wall_clock() -> datetime:
    """Return the real time: sessions last by it, in training too."""
    return datetime.now(UTC)


def read_now(connection: Connection) -> datetime:
    """Return the instant of this request: the training clock's, or the real one."""
    return training_clock.current_time(connection) if parts().training else wall_clock()


def now() -> datetime:
    """Return this request's instant; the access check set it."""
    return cast(datetime, g.now)


def today() -> date:
    """Return this request's London calendar date."""
    return parts().domain.today(now())


def actor() -> Actor:
    """Return who acts; the access check let nobody through without one."""
    return cast(Actor, g.actor)


def signed_in() -> Actor | None:
    return cast("Actor | None", g.get("actor"))


def person_names() -> dict[str, str]:
    """Return user name -> display name, read once a request."""
    if "person_names" not in g:
        with reading() as connection:
            g.person_names = people.display_names(connection)
    return cast("dict[str, str]", g.person_names)


def openings() -> list[CaseOpening]:
    """Return what cases the actor may open, read once a request."""
    if "openings" not in g:
        with reading() as connection:
            g.openings = reads.openings_for(connection, actor())
    return cast("list[CaseOpening]", g.openings)


def kind() -> Kind:
    """Return the words for the actor's cases, read once a request: of one kind, or of all.

    Kinds of which there is one case at a time have none to be listed or looked for.
    """
    if "kind" not in g:
        with reading() as connection:
            kinds = [
                kind
                for row in published_versions.list_packs(connection)
                if actor().is_of(row.pack)
                for kind in published_versions.get_definition(
                    connection, row.definition
                ).pack.kinds.values()
                if not kind.one_at_a_time
            ]
        g.kind = kinds[0] if len({each.many for each in kinds}) == 1 else CASE
    return cast(Kind, g.kind)


def role_labels() -> dict[str, str]:
    """Return role -> what the published packs call it, read once a request."""
    if "role_labels" not in g:
        with reading() as connection:
            g.role_labels = {
                name: role.label
                for row in published_versions.list_packs(connection)
                if actor().is_of(row.pack)
                for name, role in published_versions.get_definition(
                    connection, row.definition
                ).pack.roles.items()
            }
    return cast("dict[str, str]", g.role_labels)
