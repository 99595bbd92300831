"""Who gets a work item: the child's own worker, or everybody who holds the role."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain import Allocation, FactValue, Role


def allocate(
    role: Role, *, roles: Mapping[str, Role], facts: Mapping[str, FactValue]
) -> Allocation:
    """Return who gets a work item of `role` in a case with these facts.

    A role's work that goes to the case goes to the user in the fact named like the role. Where
    nobody is allocated it goes, as needing allocation, to the person of the role that
    `unallocated_goes_to` names, and failing that to everybody with that role.
    """
    if role.work_goes_to == "pool":
        return Allocation(None, role.name)
    person = _person(role.name, facts)
    if person is not None:
        return Allocation(person, role.name)
    stand_in = role.unallocated_goes_to or role.name
    if stand_in in roles and roles[stand_in].work_goes_to == "case":
        person = _person(stand_in, facts)
    if person is not None:
        return Allocation(person, stand_in, needs_allocating=True)
    return Allocation(None, stand_in, needs_allocating=True)


def _person(role_name: str, facts: Mapping[str, FactValue]) -> str | None:
    person = facts.get(role_name)
    return person if isinstance(person, str) and person else None
