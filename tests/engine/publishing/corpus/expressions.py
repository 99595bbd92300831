"""Escapes and explosions of expressions, in every place where an expression can stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.sax.saxutils import escape

from tests.builders.small_pack import table
from tests.engine.publishing.corpus.hostile import Hostile, changed

ESCAPES = {
    "import": '__import__("os").system("id")',
    "classes": "().__class__.__mro__[1].__subclasses__()",
    "builtins": "__builtins__",
    "eval": 'eval("1")',
    "open": 'open("/etc/passwd").read()',
    "lambda": "(lambda: 1)()",
    "comprehension": "[x for x in range(9)]",
    "power": "9 ** 9 ** 9",
    "shift": "1 << 999999999",
    "format": '"{0.__class__}".format(policy)',
    "f-string": 'f"{policy.__class__}"',
    "dunder": "policy.__class__",
    "walrus": "(x := 1)",
    "brackets": "(" * 600 + "1" + ")" * 600,
    "statement": "import os",
}

_LOOP = "<bpmn:multiInstanceLoopCharacteristics>{}</bpmn:multiInstanceLoopCharacteristics>"
_SCRIPT = "<bpmn:script>visits = 1</bpmn:script>"
_TWO = "<bpmn:loopCardinality>2</bpmn:loopCardinality>"


def _times(text: str) -> str:
    return _SCRIPT + _LOOP.format(f"<bpmn:loopCardinality>{text}</bpmn:loopCardinality>")


def _until(text: str) -> str:
    done = f"<bpmn:completionCondition>{text}</bpmn:completionCondition>"
    return _SCRIPT + _LOOP.format(_TWO + done)


def _again(text: str) -> str:
    return (
        f'{_SCRIPT}<bpmn:standardLoopCharacteristics loopMaximum="3"><bpmn:loopCondition>{text}'
        "</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
    )


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&apos;"})


PLACES: dict[str, Callable[[str, str], Hostile]] = {
    "condition": lambda n, x: changed(n, "case.bpmn", 'answers.outcome == "again"', escape(x),
        "more"),
    "timer date": lambda n, x: changed(n, "case.bpmn", 'limit_passed("visit")', escape(x),
        "too_late"),
    "timer duration": lambda n, x: changed(n, "followup.bpmn", "P1W", escape(x), "a_week"),
    "script": lambda n, x: changed(n, "case.bpmn", "visits = 1", f"visits = {escape(x)}",
        "count_up"),
    "payload": lambda n, x: changed(n, "case.bpmn",
        """value='{"duty": "visit", "since": began_on}'""", f'value="{_attribute(x)}"', "told"),
    "message key": lambda n, x: changed(n, "missed.bpmn", "[duty, since]", _attribute(x),
        "date_missed"),
    "deadline": lambda n, x: changed(n, "missed.bpmn", "=duty", f"={_attribute(x)}", "say_why"),
    "number of times": lambda n, x: changed(n, "case.bpmn", _SCRIPT, _times(escape(x)),
        "count_up"),
    "until": lambda n, x: changed(n, "case.bpmn", _SCRIPT, _until(escape(x)), "count_up"),
    "loop condition": lambda n, x: changed(n, "case.bpmn", _SCRIPT, _again(escape(x)),
        "count_up"),
    "output cell": lambda n, x: Hostile(n, "timescales.dmn", table(amount=escape(x)).encode(),
        "timescales|first_visit"),
    "input cell": lambda n, x: changed(n, "timescales.dmn", '"P-1"', escape(x), "timescales"),
    "input of a table": lambda n, x: changed(n, "timescales.dmn", "<text>policy</text>",
        f"<text>{escape(x)}</text>", "timescales"),
    "shown when": lambda n, x: changed(n, "forms/visit.json", "outcome == 'again'", _in_json(x),
        "why"),
    "fact when": lambda n, x: changed(n, "forms/visit.json", "outcome != 'again'", _in_json(x),
        "visited"),
    "check of a form": lambda n, x: changed(n, "forms/visit.json", "visited >= began_on",
        _in_json(x), "visited"),
    "check of a message": lambda n, x: changed(n, "pack.toml", "moved_on <= today()",
        _in_json(x), "moved_on"),
}  # fmt: skip

EXPRESSIONS = [
    place(f"{what} in a {where}", text)
    for where, place in PLACES.items()
    for what, text in ESCAPES.items()
]
