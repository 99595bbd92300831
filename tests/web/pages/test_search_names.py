"""A name is found however it is typed: capitals, accents, letters of other tongues, apostrophes."""

from __future__ import annotations

import pytest

from tests.builders.visitor import Visitor
from tests.web.conftest import open_child

CURLED = "\N{RIGHT SINGLE QUOTATION MARK}"
NAMES = {
    f"Niamh O{CURLED}Brien": ["O'Brien", f"o{CURLED}brien", "obrien", "O`Brien"],
    "Niamh O'Brien": ["O'Brien", f"O{CURLED}Brien"],
    "Łukasz Żak": ["Lukasz", "łukasz", "zak", "ŁUKASZ ŻAK"],
    "Lukasz Zak": ["Łukasz", "Żak"],
    "Søren Æsop": ["soren", "aesop"],
    "Zoë Müller": ["zoe", "muller", "MÜLLER"],
}


@pytest.mark.parametrize("name", NAMES)
def test_f3_a_name_is_found_in_both_directions(worker: Visitor, name: str):
    ref = open_child(worker, child_name=name)
    for term in NAMES[name]:
        assert ref in worker.send("/search", {"term": term}, status=200).text, term
    assert ref not in worker.send("/search", {"term": "Nobody"}, status=200).text
