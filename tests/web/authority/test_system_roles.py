"""P4: what reads or publishes for all councils is no role that a pack can declare."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.builders.two_councils import TwoCouncils, pack_of


def sent(councils: TwoCouncils, path: str, pack_toml: bytes) -> Any:
    files = {**pack_of("north"), "pack.toml": pack_toml}
    parts = [(io.BytesIO(text), name) for name, text in files.items()]
    return councils.ask("north.process_owner", "POST", path, data={"files": parts})


def errors(findings: list[dict[str, str]]) -> list[dict[str, str]]:
    return [each for each in findings if each["severity"] == "error"]


class TestSystemRoles:
    def test_p4_a_pack_without_them_is_in_order(self, councils: TwoCouncils):
        found = sent(councils, "/api/v1/definitions/check", pack_of("north")["pack.toml"])

        assert errors(found.json) == []

    @pytest.mark.parametrize("role", ["process_owner", "auditor", "administrator", "system"])
    def test_p4_are_refused_at_check_and_at_publish(self, councils: TwoCouncils, role: str):
        before = councils.version("north")
        table = f'\n[roles.{role}]\nlabel = "Pool of the {role}"\n'
        changed = pack_of("north")["pack.toml"] + table.encode()

        [found] = errors(sent(councils, "/api/v1/definitions/check", changed).json)
        refused = sent(councils, "/api/v1/definitions", changed)

        assert (found["file"], found["element"]) == ("pack.toml", f"roles.{role}")
        assert "another name" in found["message"]
        assert refused.status_code == 422
        assert errors(refused.json["findings"]) == [found]
        assert councils.version("north") == before
