"""Hostile and broken files: never an exception, never a hang, always a finding that says where."""

import json
import time

import pytest

from engine.publishing.check import check_files
from tests.builders.small_pack import BPMN_HEAD, PACK, small_pack, table
from workflows.permanence.domain import DOMAIN

SECONDS = 10
"""Of the processor, which no file may reach; most take milliseconds."""

TAIL = "</bpmn:definitions>"
XML = b'<?xml version="1.0"?>'
BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))


def process(inner: str) -> bytes:
    return (
        f'{BPMN_HEAD}<bpmn:process id="case" name="Case" isExecutable="true">{inner}'
        f"</bpmn:process>{TAIL}"
    ).encode()


def chain(length: int, kind: str = "exclusiveGateway") -> bytes:
    nodes = "".join(f'<bpmn:{kind} id="n{n}" />' for n in range(length))
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="n{n}" targetRef="n{n + 1}" />'
        for n in range(length - 1)
    )
    return process(
        f'<bpmn:startEvent id="s" /><bpmn:endEvent id="e" />{nodes}{flows}'
        '<bpmn:sequenceFlow id="first" sourceRef="s" targetRef="n0" />'
        f'<bpmn:sequenceFlow id="last" sourceRef="n{length - 1}" targetRef="e" />'
    )


def condition(text: str) -> bytes:
    return process(
        '<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="g" default="d" />'
        '<bpmn:endEvent id="e" /><bpmn:sequenceFlow id="a" sourceRef="s" targetRef="g" />'
        '<bpmn:sequenceFlow id="d" sourceRef="g" targetRef="e" />'
        '<bpmn:sequenceFlow id="c" sourceRef="g" targetRef="e"><bpmn:conditionExpression>'
        f"<![CDATA[{text}]]></bpmn:conditionExpression></bpmn:sequenceFlow>"
    )


def timer(text: str, kind: str = "timeDuration") -> bytes:
    return process(
        '<bpmn:startEvent id="s" /><bpmn:endEvent id="e" /><bpmn:intermediateCatchEvent id="t">'
        f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}>"
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        '<bpmn:sequenceFlow id="a" sourceRef="s" targetRef="t" />'
        '<bpmn:sequenceFlow id="b" sourceRef="t" targetRef="e" />'
    )


def form(**settings: object) -> bytes:
    question = {"type": "string", "title": "?", "maxLength": 100, **settings}
    return json.dumps({"type": "object", "title": "F", "properties": {"q": question}}).encode()


BY_FILE: dict[str, tuple[str, bytes]] = {
    "empty diagram": ("a.bpmn", b""),
    "only a space": ("a.bpmn", b" "),
    "binary": ("a.bpmn", bytes(range(256)) * 40),
    "a zip": ("a.bpmn", b"PK\x03\x04" + b"\x00" * 1000),
    "not closed": ("a.bpmn", BPMN_HEAD.encode()),
    "another document": ("a.bpmn", b"<html><body>Not found</body></html>"),
    "a table as a diagram": ("a.bpmn", table().encode()),
    "a diagram as a table": ("a.dmn", process("")),
    "no process": ("a.bpmn", (BPMN_HEAD + TAIL).encode()),
    "empty process": ("a.bpmn", process("")),
    "billion laughs": ("a.bpmn", f'<!DOCTYPE x [<!ENTITY e0 "ha">{BOMB}]><x>&e9;</x>'.encode()),
    "external entity": ("a.bpmn",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:/etc/passwd">]><x>&e;</x>'),
    "external subset": ("a.bpmn", b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>'),
    "doctype in UTF-16": ("a.bpmn", '<!DOCTYPE x [<!ENTITY e "f">]><x>&e;</x>'.encode("utf-16")),
    "a foreign encoding": ("a.bpmn", b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><x/>'),
    "an invented encoding": ("a.bpmn", b'<?xml version="1.0" encoding="klingon"?><x/>'),
    "broken UTF-8": ("a.bpmn", XML + b"<x>\xff\xfe\xfa</x>"),
    "null bytes": ("a.bpmn", b"<\x00x\x00/\x00>\x00"),
    "2 MB of brackets": ("a.bpmn", b"<" * 2_000_000),
    "2 MB of elements": ("a.bpmn", XML + b"<x>" + b"<y/>" * 499_000 + b"</x>"),
    "deep XML": ("a.bpmn", XML + b"<x>" * 200_000),
    "long attribute": ("a.bpmn", process(f'<bpmn:startEvent id="{"s" * 1_900_000}" />')),
    "more than 2 MB": ("a.bpmn", b"x" * 2_000_001),
    "long chain": ("a.bpmn", chain(190)),
    "too long a chain": ("a.bpmn", chain(5_000)),
    "many of one id": ("a.bpmn", process('<bpmn:task id="t" />' * 150)),
    "no ids": ("a.bpmn", process("<bpmn:task /><bpmn:startEvent /><bpmn:sequenceFlow />" * 60)),
    "quotes in an id": ("a.bpmn", process("<bpmn:startEvent id=\"a'b\" />")),
    "coordinates of words": ("a.bpmn", chain(2).replace(TAIL.encode(),
        b'<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNPlane>'
        b'<d:BPMNShape bpmnElement="n0"><b:Bounds xmlns:b="http://www.omg.org/spec/DD/20100524/DC"'
        b' x="left" y="top" /></d:BPMNShape></d:BPMNPlane></d:BPMNDiagram>' + TAIL.encode())),
    "boundary in an event sub-process": ("a.bpmn", process(
        '<bpmn:subProcess id="p" triggeredByEvent="true"><bpmn:boundaryEvent id="b" />'
        "</bpmn:subProcess>"
    )),
    "endless duration": ("a.bpmn", timer("P99999999999999999Y")),
    "endless repetition": ("a.bpmn", timer('"R99999999/PT0S"')),
    "cycle": ("a.bpmn", timer("R99999999/PT0S", "timeCycle")),
    "day that is none": ("a.bpmn", timer("2026-02-30", "timeDate")),
    "import": ("a.bpmn", condition('__import__("os").system("id")')),
    "class": ("a.bpmn", condition("().__class__.__mro__[1].__subclasses__()")),
    "lambda": ("a.bpmn", condition("(lambda: 1)()")),
    "comprehension": ("a.bpmn", condition("[x for x in [1]]")),
    "power": ("a.bpmn", condition("9 ** 9 ** 9 ** 9")),
    "format": ("a.bpmn", condition("f'{policy!r:>{10**9}}'")),
    "deep brackets": ("a.bpmn", condition("(" * 900 + "1" + ")" * 900)),
    "long condition": ("a.bpmn", condition("1 + " * 300_000 + "1")),
    "many nots": ("a.bpmn", condition("not " * 480 + "true")),
    "bare Python": ("a.bpmn", condition("exec('import os')")),
    "empty condition": ("a.bpmn", condition("")),
    "empty table": ("a.dmn", b""),
    "table of nothing": ("a.dmn", b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'),
    "cell of an escape": ("a.dmn", table(amount="().__class__").encode()),
    "cell of 2 MB": ("a.dmn", table(amount="1" * 1_900_000).encode()),
    "no JSON": ("forms/a.json", b"{"),
    "a list": ("forms/a.json", b"[]"),
    "deep JSON": ("forms/a.json", b"[" * 100_000),
    "deep objects": ("forms/a.json", b'{"a":' * 30_000),
    "2 MB of brackets as JSON": ("forms/a.json", b"[" * 2_000_000),
    "endless number": ("forms/a.json", b'{"type": "object", "x": ' + b"9" * 100_000 + b"}"),
    "broken text": ("forms/a.json", b'{"type": "object", "title": "\xff"}'),
    "many parts": ("forms/a.json", json.dumps({"type": "object", "properties": {
        f"q{n}": {} for n in range(15_000)}}).encode()),
    "form that refers to itself": ("forms/a.json", form(**{"$ref": "#"})),
    "form that refers outside": ("forms/a.json", form(**{"$ref": "file:/etc/passwd"})),
    "exploding pattern": ("forms/a.json", form(pattern="(a|aa)+$")),
    "properties of no form": ("forms/a.json", b'{"type": "object", "properties": {"q": true}}'),
    "lists for names": ("forms/a.json", form(**{"x-widget": [1], "x-role": {}, "x-section": [2]})),
    "lists for forms": ("pack.toml", PACK.replace('form = "case"', "form = [1]").encode()),
    "facts of no shape": ("forms/a.json", form(**{"x-fact": [[1], {"when": {}}]})),
    "no TOML": ("pack.toml", b"\xff\xfe"),
    "empty TOML": ("pack.toml", b""),
    "deep TOML": ("pack.toml", b"a = " + b"[" * 90_000),
    "dotted TOML": ("pack.toml", b"a" + b".a" * 90_000 + b" = 1"),
    "numbers for tables": ("pack.toml", b'id = 1\ntitle = 2\nopening = 3\npolicies = 4\nroles = 5'),
    "numbers for texts": ("pack.toml", PACK.replace('label = "Team M', 'label = 7 # "').encode()),
}  # fmt: skip

HARMLESS = {"long chain", "exploding pattern"}


@pytest.mark.parametrize("hostile", BY_FILE)
def test_a_hostile_file_is_answered_by_findings(hostile: str) -> None:
    path, data = BY_FILE[hostile]
    started = time.process_time()
    alone = check_files({path: data}, domain=DOMAIN)
    in_a_pack = check_files({**small_pack(), path: data}, domain=DOMAIN)
    assert time.process_time() - started < 2 * SECONDS
    for findings in (alone, in_a_pack):
        errors = [each for each in findings if each.severity == "error" and each.file == path]
        assert errors or hostile in HARMLESS
        assert "unchecked" not in {each.rule for each in findings}
        assert all(len(each.message) < 1_500 for each in findings)
