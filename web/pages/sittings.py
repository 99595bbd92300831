"""One sitting for several cases: how far it is, and whose meeting comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain import JsonValue
from engine.open_work import joint_sitting
from engine.open_work.joint_sitting import Mate
from engine.packs.forms import Form
from engine.reads.work_item import WorkItemView
from web.request import context


@dataclass(frozen=True)
class Sitting:
    """Of `count` cases `number` are done or being done. Only those whom the reader may see."""

    number: int
    count: int
    done: tuple[Mate, ...]
    left: tuple[Mate, ...]


def of_task(view: WorkItemView) -> Sitting | None:
    """Return the sitting that an open task belongs to, None if it is held by itself."""
    named = joint_sitting.named_in(view.form, view.values)
    if not named:
        return None
    with context.reading() as connection:
        mates = joint_sitting.mates(connection, view.form, named, actor=context.actor())
    left = [each for each in mates if each.work_item is not None]
    done = [each for each in mates if each.work_item is None]
    return Sitting(len(done) + 1, len(mates) + 1, _seen(done), _seen(left))


def after(form: Form | None, ref: str, answers: Mapping[str, JsonValue]) -> Sitting | None:
    """Return the sitting in which a case was completed, while others of it are left."""
    named = joint_sitting.named_in(form, answers) if form is not None else []
    if form is None or not named:
        return None
    with context.reading() as connection:
        left = joint_sitting.left(connection, form, ref, named, actor=context.actor())
    seen = _seen(left)
    return Sitting(len(named) + 1 - len(left), len(named) + 1, (), seen) if seen else None


def _seen(mates: list[Mate]) -> tuple[Mate, ...]:
    seen = tuple(each for each in mates if each.name)
    context.saw(each.ref for each in seen)
    return seen
