"""A form of one sitting for several children that would let one child's answers reach another."""

import json

import pytest

from engine.publishing.check import check_files
from tests.builders.world import pack_files
from workflows.permanence.domain import DOMAIN

FORM = "forms/chair_ppm.json"
BROKEN = {
    "personal": ("attendance", {"x-personal": True}, "is about one child"),
    "carried": ("attendance", {"x-carry": True}, "is about one child"),
    "asked elsewhere": ("held_with", {"x-section": "child"}, '"x-sitting": "shared"'),
    "unknown fact": ("held_with", {"x-same": [["sibling_grop"]]}, "'sibling_group'?"),
    "no list": ("held_with", {"x-same": "sibling_group"}, "a list of lists"),
}


class TestCheckSittings:
    @pytest.mark.parametrize(("name", "change", "words"), BROKEN.values(), ids=BROKEN)
    def test_names_the_question(self, name: str, change: dict, words: str):
        files = {FORM: pack_files()[FORM], "pack.toml": pack_files()["pack.toml"]}
        schema = json.loads(files[FORM])
        schema["properties"][name].update(change)

        findings = check_files({**files, FORM: json.dumps(schema).encode()}, domain=DOMAIN)

        found = [each for each in findings if each.file == FORM and each.element == name]
        assert any(each.severity == "error" and words in each.message for each in found), found
