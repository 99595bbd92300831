"""Each of Dudley's rules is carried by the pack: change it there, and its journey fails.

SQLite alone: the journeys themselves run on both databases.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.context import Context
from engine.packs.version import Definition
from engine.storage import database
from tests.builders.world import START, actor, fill, pack_files
from tests.journeys.carriers import carriers
from tests.journeys.council import Council
from tests.journeys.rule_proofs import PROOFS, Journey, Proof
from tests.publishing import unchecked
from workflows.permanence.domain import DOMAIN
from workflows.permanence.rules import rule_catalogue

NOT_SHOWN: set[str] = set()
"""Rules that no journey shows yet."""

AS_IT_IS = Definition(pack_files())

_noticed: set[tuple[str, Journey]] = set()
"""Hash of a changed pack and the journey that noticed it: several rules may share both."""


def put_in_force(council: Council, definition: Definition) -> None:
    """Put the changed pack in force for new cases, whatever the check would say of it."""
    with database.transaction(council.engine) as connection:
        owner = Context(connection, actor("process_owner", None), START, DOMAIN)
        unchecked(owner, definition, reason="A change that a journey must notice")


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: f"{proof.rule} {proof.what}")
def test_a_changed_rule_is_noticed(new_database: Callable[..., str], proof: Proof):
    definition = Definition(proof.change(AS_IT_IS.files), like=AS_IT_IS)
    if (definition.hash, proof.journey) in _noticed:
        return
    council = Council(new_database("sqlite", fill=fill))
    put_in_force(council, definition)

    with pytest.raises((AssertionError, LookupError, ValueError)):
        proof.journey(council)
    _noticed.add((definition.hash, proof.journey))
    council.close()


def test_every_rule_of_dudley_is_carried_and_shown():
    wanted = {rule for rule in rule_catalogue() if rule.startswith("D-")}

    assert wanted - {proof.rule for proof in PROOFS} == NOT_SHOWN
    assert wanted <= set(carriers(Definition(pack_files())))
