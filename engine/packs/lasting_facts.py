"""The facts that may be corrected, and never taken back."""

from __future__ import annotations

from functools import lru_cache

from engine.packs.answered_facts import always_known
from engine.packs.version import Definition


@lru_cache(maxsize=64)
def never_taken_back(definition: Definition, kind: str) -> frozenset[str]:
    """Return the facts of a `kind` of case of which there cannot be none once they are known.

    Those that its opening never goes without; and those of a piece of work that meet a duty: what
    is done is not asked for again there, so a duty that opened again would be nobody's.
    """
    own = {name for name, fact in definition.pack.facts.items() if fact.own}
    return always_known(definition.forms[definition.pack.kinds[kind].form]) | (
        own & _meeting(definition)
    )


def _meeting(definition: Definition) -> set[str]:
    """Return the facts that meet a duty when they are recorded."""
    table = definition.tables["timescales"]
    place = table.outputs.index("met_by")
    return {str(rule.outputs[place].literal) for rule in table.rules}
