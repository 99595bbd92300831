"""What a pack lets whom do, in a process owner's words: a row for each thing that somebody may."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from engine.packs.authority import POWERS
from engine.packs.manifest import Pack


@dataclass(frozen=True)
class Given:
    """One thing that may be done, and whose: the labels of roles, in the pack's order."""

    what: str
    who: tuple[str, ...]


def in_words(pack: Pack) -> list[Given]:
    """Return who may do what by this pack, what holds for all before what is said of one."""
    return [Given(what, _labels(pack, roles)) for what, roles in _rows(pack)]


def _rows(pack: Pack) -> Iterator[tuple[str, Collection[str]]]:
    for kind in pack.kinds.values():
        yield f"Opens: {kind.title}", kind.roles
    yield "Reports what is said of no other below", pack.authority.tells
    for message in pack.messages.values():
        if message.told_by is not None:
            yield f"Reports: {message.label}", message.told_by
    yield "Corrects what is said of no other below", pack.authority.corrects
    for fact in pack.facts.values():
        if fact.corrected_by is not None:
            yield f"Corrects: {fact.label}", fact.corrected_by
    for power, words in POWERS.items():
        yield words, getattr(pack.authority, power)
    for role in pack.roles.values():
        if role.independent:
            yield f"Passes on work of: {role.label}", (role.name,)
        if role.outside_agency:
            sees = (
                f"Sees their own task alone, and {role.seen_for or 'to the end of the day'} after"
            )
            yield sees, (role.name,)


def _labels(pack: Pack, roles: Collection[str]) -> tuple[str, ...]:
    return tuple(role.label for role in pack.roles.values() if role.name in roles)
