"""Files that attack their readers: XML, encodings, JSON, DMN and TOML."""

from __future__ import annotations

import json

from tests.builders.small_pack import BPMN_HEAD, PACK, small_pack, table
from tests.engine.publishing.corpus.hostile import END, START, TAIL, Hostile, changed, diagram

_XML = b'<?xml version="1.0"?>'
_LAUGHS = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
_DOCTYPES = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY e0 "ha">{_LAUGHS}]><x>&e9;</x>',
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY e "{"a" * 50_000}">]><x>{"&e;" * 50_000}</x>',
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:/etc/passwd">]><x>&e;</x>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/">%e;]><x/>',
    "external subset": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
    "public subset": '<!DOCTYPE x PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd"><x/>',
    "entity that is itself": '<!DOCTYPE x [<!ENTITY e "&e;">]><x>&e;</x>',
    "default attribute": '<!DOCTYPE x [<!ATTLIST x id CDATA "a">]><x/>',
    "empty doctype": "<!DOCTYPE x><x/>",
}
_BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "every byte": bytes(range(256)) * 40,
    "a zip": b"PK\x03\x04" + b"\0" * 999,
    "a page": b"<html><body>Not found</body></html>",
    "not closed": BPMN_HEAD.encode(),
    "closed twice": BPMN_HEAD.encode() + b"</bpmn:definitions></bpmn:definitions>",
    "broken UTF-8": _XML + b"<x>\xff\xfe</x>",
    "null bytes": b"<\0x\0/\0>\0",
    "an encoding that is none": b'<?xml version="1.0" encoding="klingon"?><x/>',
    "an encoding of mainframes": b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><x/>',
    "an encoding that lies": b'<?xml version="1.0" encoding="UTF-16"?><x/>',
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-x/+AD4-',
    "UTF-32": "<x/>".encode("utf-32"),
    "half a surrogate": _XML + b"<x>\xed\xa0\x80</x>",
    "deep": _XML + b"<x>" * 100_000,
    "100 deep": _XML + b"<x>" * 100 + b"</x>" * 100,
    "many elements": _XML + b"<x>" + b"<y/>" * 400_000 + b"</x>",
    "many attributes": _XML + b"<x" + b"".join(b' a%d="1"' % n for n in range(90_000)) + b"/>",
    "an attribute twice": _XML + b'<x a="1" a="2"/>',
    "a long name": _XML + b"<" + b"x" * 1_900_000 + b"/>",
    "an unknown prefix": _XML + b"<no:definitions/>",
    "an include": _XML + b'<x xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="/etc/'
    b'passwd" parse="text"/></x>',
    "brackets": b"<" * 1_900_000,
    "more than 2 MB": b"x" * 2_000_001,
}
_JSON: dict[str, bytes] = {
    "half an object": b"{",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "deep lists": b"[" * 90_000,
    "deep objects": b'{"a":' * 30_000,
    "a long number": b'{"type": "object", "x": ' + b"9" * 100_000 + b"}",
    "NaN": b'{"type": "object", "title": NaN}',
    "Latin-1": '{"type": "object", "title": "é"}'.encode("latin-1"),
    "many questions": json.dumps(
        {"type": "object", "properties": {f"q{n}": {} for n in range(15_000)}}
    ).encode(),
    "a question that is true": b'{"type": "object", "properties": {"q": true}}',
    "questions in a list": b'{"type": "object", "properties": []}',
    "a type that is none": b'{"type": "object", "properties": {"q": {"type": "spell"}}}',
}
_QUESTIONS: dict[str, dict[str, object]] = {
    "a form that is its own part": {"$ref": "#"},
    "a file of the server": {"$ref": "file:/etc/passwd"},
    "an address": {"$ref": "http://127.0.0.1:9/"},
    "a dynamic reference": {"$dynamicRef": "#x"},
    "a pattern that looks ahead": {"pattern": "^(?=a)b$"},
    "a pattern that looks back at a group": {"pattern": "(a|aa)\\1$"},
    "a pattern that is none": {"pattern": "["},
    "a widget that is a list": {"x-widget": [1]},
    "a fact that is a number": {"x-fact": 7},
    "a condition that is a number": {"x-show-when": 7},
    "a length below nothing": {"maxLength": -1},
}
_TOML: dict[str, bytes] = {
    "nothing": b"",
    "no text": b"\xff\xfe",
    "deep lists": b"a = " + b"[" * 90_000,
    "deep tables": b"a = " + b"{a=" * 9_000,
    "many dots": b"a" + b".a" * 90_000 + b" = 1",
    "an entry twice": PACK.encode() + b'\n[roles.team_manager]\nlabel = "Again"',
    "numbers": b"id = 1\ntitle = 2\nopening = 3\npolicies = 4\nroles = 5\nfacts = 6",
    "lists": b"id = []\ntitle = []\nopening = []\npolicies = []\nroles = []\nfacts = []",
    "a long number": b"id = " + b"9" * 100_000,
    "more than 200 kB": b"#" * 200_001,
}
_SHAPE = "<bpmn:startEvent id='a&apos;b' />"

FILES = [
    *(Hostile(f"{what} in a {kind}", f"extra.{kind}", text.encode(), "")
        for what, text in _DOCTYPES.items() for kind in ("bpmn", "dmn")),
    *(Hostile(f"{what} as a {kind}", f"extra.{kind}", data, "")
        for what, data in _BROKEN.items() for kind in ("bpmn", "dmn")),
    Hostile("a doctype in UTF-16", "extra.bpmn", '<!DOCTYPE x><x/>'.encode("utf-16")),
    Hostile("a table as a diagram", "extra.bpmn", table().encode()),
    Hostile("a diagram as a table", "extra.dmn", small_pack()["case.bpmn"]),
    Hostile("a diagram of no process", "extra.bpmn", (BPMN_HEAD + TAIL).encode()),
    Hostile("a quote in an id", "followup.bpmn", diagram(START + END + _SHAPE), "a'b"),
    Hostile("no start and no end", "followup.bpmn", diagram(""), "followup"),
    changed("a hit policy that is none", "timescales.dmn", 'hitPolicy="COLLECT"',
        'hitPolicy="LUCK"', "timescales"),
    changed("a row of too few cells", "timescales.dmn",
        '<inputEntry id="cell_policy"><text>"P-1"</text></inputEntry>', "", "timescales"),
    *(Hostile(f"{what} as a form", "forms/extra.json", data) for what, data in _JSON.items()),
    *(Hostile(f"a form with {what}", "forms/extra.json", json.dumps({"type": "object",
        "title": "F", "properties": {"q": {"type": "string", "title": "?", "maxLength": 90,
        **question}}}).encode()) for what, question in _QUESTIONS.items()),
    *(Hostile(f"{what} as pack.toml", "pack.toml", data) for what, data in _TOML.items()),
    changed("a hint that says another amount", "forms/visit.json", '"title": "When?"',
        '"title": "When?", "x-source": "D-01", "x-hint": "Within 8 working days"', "visited"),
    Hostile("a program", "run.py", b"import os"),
    Hostile("a way out of the folder", "../../etc/passwd.bpmn", b"x"),
]  # fmt: skip
