"""Who gets a piece of work and who is told: a named person, else whoever has the role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from engine.bpmn import runtime
from engine.domain import Allocation, Domain, FactValue, JsonValue
from engine.errors import ExpressionError, StepFailed
from engine.packs.manifest import MessageType
from engine.packs.version import Element
from engine.step.case_facts import CaseFacts
from engine.step.model import LoadedCase
from engine.step.scope import fact_values

RolesOf = Callable[[str], "frozenset[str] | None"]
"""User name -> the roles of that active person of the pack, None if there is nobody."""


def knows_nobody(_name: str) -> frozenset[str] | None:
    """Return None: what looks people up where no work can begin."""
    return None


@dataclass(frozen=True)
class Allocating:
    """What decides in one step whose a piece of work is."""

    case: LoadedCase
    facts: CaseFacts
    domain: Domain
    roles_of: RolesOf

    def named(self, element: Element, instance: UUID) -> str | None:
        """Return what an element's property `person` says of an instance: a name in words.

        Somebody's user name counts where a fact that holds a person has it: a text that reads the
        same is nobody.

        Raises:
            StepFailed: it cannot be worked out.
        """
        text = element.properties.get("person", "")
        if not text:
            return None
        reads = self.facts.surroundings_in(instance)
        try:
            found = runtime.evaluate(text.removeprefix("="), {}, reads)
        except ExpressionError as error:
            raise StepFailed(element.id, f"its person cannot be worked out: {error}") from error
        name = found.strip() if isinstance(found, str) else ""
        is_nobody = self._roles(name) and name not in self._people(instance)
        return None if is_nobody else name or None

    def _people(self, instance: UUID) -> set[FactValue]:
        types = self.case.definition.pack.facts
        known = self.facts.values_in(instance).items()
        return {value for name, value in known if types[name].type == "user" and value}

    def is_person(self, name: str | None) -> bool:
        """Return whether somebody of the pack who does its work has this user name."""
        return bool(name and self._roles(name))

    def is_outsider(self, name: str | None) -> bool:
        """Return whether `name` is neither somebody of the council nor what it calls a role."""
        known = name and (self._roles(name) or self.case.definition.pack.role_of_lane(name))
        return bool(name and not known)

    def to(self, name: str | None, role: str) -> Allocation:
        """Return who gets work for `name`, of the council or not, that is else for `role`.

        A user name gives it to that person, as the role if they have it; what the pack calls a
        role gives it to that role.
        """
        pack = self.case.definition.pack
        if name and (theirs := self._roles(name)):
            return Allocation(name, role if role in theirs else theirs[0])
        meant = pack.role_of_lane(name) if name else None
        return self._of(meant.name if meant else role)

    def _roles(self, name: str) -> list[str]:
        """Return a person's roles of the pack, in its order."""
        theirs = self.roles_of(name) or frozenset()
        return [role for role in self.case.definition.pack.roles if role in theirs]

    def _of(self, role: str) -> Allocation:
        roles = self.case.definition.pack.roles
        if role not in roles:
            return Allocation(self.facts.manager, role or self.case.managed_by, True)
        values = fact_values(self.case.definition.pack, self.facts.values)
        found = self.domain.allocate(roles[role], roles=roles, facts=values)
        # Who stands in for a role has its work to allocate it: doing it stays with the role.
        return found if found.role == role else replace(found, own_role=role)

    def told(
        self, kind: MessageType, payload: Mapping[str, JsonValue]
    ) -> Iterator[tuple[str, str | None]]:
        """Yield whom a message tells, each once: role and person, None for all with the role.

        Raises:
            StepFailed: it tells what is no role of the pack.
        """
        roles = self.case.definition.pack.roles
        people = {f"={each.name}" for each in kind.payload if each.type == "user"}
        known: set[tuple[str, str | None] | str] = set()
        # Whoever is told as the child's own is not told once more by name.
        for each in sorted(kind.notify, key=lambda name: name in people):
            said = payload.get(each[1:]) if each.startswith("=") else each
            for name in said if isinstance(said, list) else [said]:
                if not name:
                    continue
                to = str(name)
                if each in people:
                    if to in known or not (theirs := self._roles(to)):
                        continue
                    whom: tuple[str, str | None] = theirs[0], to
                elif to in roles:
                    whom = to, self.facts.person(to)
                else:
                    raise StepFailed(kind.name, f"it tells {to!r}, which is no role of the pack")
                if whom not in known:
                    known |= {whom, whom[1] or whom}
                    yield whom
