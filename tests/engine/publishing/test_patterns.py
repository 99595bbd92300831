"""Patterns that people upload: matched in linear time, or refused when the pack is checked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.packs.forms import Form
from engine.packs.patterns import PatternRefused, compile_pattern
from engine.publishing.check import check_files
from tests.builders.small_pack import small_pack
from workflows.permanence.domain import DOMAIN

LETTERS = "a" * 45
HOSTILE = {
    "^" + "a?" * 45 + "a" * 45 + "$": True,
    "^(a+)+$": True,
    "^(a|aa)+$": True,
    "^(a*)*b$": False,
    "^(.*a){12}$": True,
    "^([a-zA-Z]+)*$": True,
    "^(a|a?)+$": True,
    "^(.*)(.*)(.*)(.*)(.*)(.*)x$": False,
    "^((ab*)*)*c$": False,
    r"^(\w+\s?)*$": True,
}
"""Patterns over which an engine that tries again sits for ever, and whether 45 letters match."""


def form(pattern: str) -> Form:
    field = {"type": "string", "title": "Code", "maxLength": 200, "pattern": pattern}
    return Form("coded", {"type": "object", "properties": {"code": field}})


def told(pattern: Any) -> list[str]:
    field = {"type": "string", "title": "Code", "maxLength": 200, "pattern": pattern}
    schema = {"type": "object", "properties": {"code": field}, "additionalProperties": False}
    files = {**small_pack(), "forms/coded.json": json.dumps(schema).encode()}
    findings = check_files(files, domain=DOMAIN)
    return [
        each.message
        for each in findings
        if each.file == "forms/coded.json" and each.severity == "error"
    ]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_p6_no_pattern_holds_the_server_up(pattern: str):
    asked = form(pattern)
    assert (asked.problems({"code": LETTERS}, lambda *_: True) == {}) is HOSTILE[pattern]
    assert set(asked.problems({"code": LETTERS + "!"}, lambda *_: True)) == {"code"}


def test_p6_patterns_say_what_they_said():
    asked = form("^[A-Z]{2}-[0-9]{3}$")
    assert asked.problems({"code": "AB-123"}, lambda *_: True) == {}
    assert set(asked.problems({"code": "ab-123"}, lambda *_: True)) == {"code"}


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=a)b", "(", "a{1000}{1000}", "[z-a]"])
def test_p6_what_is_not_linear_or_no_pattern_is_refused_at_check(pattern: str):
    with pytest.raises(PatternRefused):
        compile_pattern(pattern)
    assert told(pattern)


def test_p6_the_check_says_why():
    [message] = told(r"(a)\1")
    assert message.startswith("The question 'code' has a pattern that cannot be used (")


@pytest.mark.parametrize("pattern", ["^(ab)+$", "^[a-z]+ [a-z]+ [a-z]+ [a-z]+ [a-z]+$"])
def test_p6_what_is_linear_is_no_longer_refused(pattern: str):
    assert told(pattern) == []
