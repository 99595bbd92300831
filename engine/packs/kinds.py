"""Kinds of case: what one is called, what it is known by, how it begins and who may open it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

FIRST_OF_OLD = "child"
"""The id that the one kind of `[opening]` has, as packs were written before there were `[kinds]`.

Cases that were opened then hold it.
"""
_OF_OLD = {
    "title": "A case",
    "one": "case",
    "record": "Case",
    "name": "child_name",
    "also_called": "preferred_name",
    "reference": "child_ref",
    "born": "dob",
    "birth_expected": "edd",
}
"""What pages took for granted of it, where the pack has these facts."""
KNOWN_BY = ("name", "also_called", "reference", "born", "birth_expected")
"""Entries of a kind that name one fact each."""


@dataclass(frozen=True)
class Kind:
    """One kind of case.

    `one` and `many` are nouns for what such cases are about, `title` is what a case is called that
    has no name, `record` what its page is. `name`, `also_called` and `reference` are facts that a
    search looks in; `born` and `birth_expected` those that give an age; each is "" for none.
    `line` are facts that stand beside a name, `summary` those that a case's page begins with.
    `managed_by` is the role whose person manages such a case: the work in it is their team's, and
    what no lane's role can have is theirs; "" for nobody.

    `one_at_a_time`: no second one of this kind is opened while one is open. `beside`: processes
    that begin with the case, after its own, and run until they end or the case does. `tracked`: the
    tracker and the measures are of such cases. `same`: groups of facts; two cases in which all of a
    group are known and equal are about the same, and a second one is opened only with a reason.
    `policies`: those that such a case can follow, the first if it names none; () for all there are.
    """

    id: str
    title: str
    one: str
    many: str
    record: str
    process: str
    form: str
    roles: tuple[str, ...] = ()
    managed_by: str = ""
    one_at_a_time: bool = False
    beside: tuple[str, ...] = ()
    tracked: bool = True
    name: str = ""
    also_called: str = ""
    reference: str = ""
    born: str = ""
    birth_expected: str = ""
    line: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    same: tuple[tuple[str, ...], ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def searched(self) -> tuple[str, ...]:
        """The facts by which such a case is found."""
        return tuple(filter(None, (self.name, self.also_called, self.reference)))

    @property
    def any(self) -> str:
        """One of them, whichever: "a complaint", "an appeal"."""
        return f"{'an' if self.one[:1].lower() in 'aeiou' else 'a'} {self.one}"


CASE = Kind(id="", title="Case", one="case", many="cases", record="Case", process="", form="")
"""The words for cases of several kinds."""


def kind_entries(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (where it stands in pack.toml, kind, what is said of it).

    Raises:
        KeyError, ValueError: there is none, or one stands there twice.
    """
    if "kinds" in raw:
        if both := [each for each in ("opening", "openings") if each in raw]:
            raise ValueError(f"{both[0]} and kinds say the same: write [kinds.…] for all of them")
        if not raw["kinds"]:
            raise KeyError("kinds")
        for kind, entry in raw["kinds"].items():
            yield f"kinds.{kind}", kind, entry
        return
    if "opening" not in raw:
        raise KeyError("kinds")
    declared = raw.get("facts", {})
    said = {
        each: fact for each, fact in _OF_OLD.items() if each not in KNOWN_BY or fact in declared
    }
    yield "opening", FIRST_OF_OLD, {**said, **raw["opening"]}
    for kind, entry in raw.get("openings", {}).items():
        if kind == FIRST_OF_OLD:
            raise ValueError(f"openings.{kind} must stand in [opening]")
        yield f"openings.{kind}", kind, entry


def read_kinds(
    raw: Mapping[str, Any], *, opened_by: tuple[str, ...], managed_by: str
) -> dict[str, Kind]:
    """Return the kinds of pack.toml.

    Args:
        opened_by: the roles that open a kind that names none.
        managed_by: the role that manages a kind that names none.

    Raises:
        KeyError, TypeError, ValueError: an entry is missing or of the wrong kind.
    """
    return {kind: _kind(kind, entry, opened_by, managed_by) for _, kind, entry in kind_entries(raw)}


def _kind(id: str, entry: Mapping[str, Any], opened_by: tuple[str, ...], manager: str) -> Kind:
    title = entry["title"]
    one = entry.get("one", title)
    alone = bool(entry.get("one_at_a_time", False))
    return Kind(
        id=id,
        title=title,
        one=one,
        many=entry.get("many", f"{one}s"),
        record=entry.get("record", title),
        process=entry["process"],
        form=entry["form"],
        roles=names_in(entry, "roles", opened_by),
        managed_by=str(entry.get("managed_by", manager)),
        one_at_a_time=alone,
        beside=names_in(entry, "beside"),
        tracked=bool(entry.get("tracked", not alone)),
        line=names_in(entry, "line"),
        summary=names_in(entry, "summary"),
        same=_groups(entry.get("same", ()), id),
        policies=names_in(entry, "policies"),
        **{each: entry.get(each, "") for each in KNOWN_BY},
    )


def _groups(entry: object, kind: str) -> tuple[tuple[str, ...], ...]:
    is_right = isinstance(entry, list | tuple) and all(
        isinstance(group, list) and group and all(isinstance(each, str) for each in group)
        for group in entry
    )
    if not is_right:
        raise ValueError(f'same of {kind} must be a list of lists of facts: [["reference"]]')
    return tuple(tuple(group) for group in cast("list[list[str]]", entry))


def names_in(entry: Mapping[str, Any], key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return a list of names; `default` where the entry has none."""
    if isinstance(named := entry.get(key, default), str):
        raise ValueError(f"{key} = {named!r} must be a list: [{named!r}]")
    return tuple(named)
