"""XML of a pack is read through one hardened door; a bad file gives one clear finding."""

import pytest

from engine.errors import PackRefused
from engine.rules.safe_xml import parse_xml

BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


class TestParseXml:
    @pytest.mark.parametrize(
        ("data", "rule"),
        [
            (b"", "xml-unreadable"),
            (b"not xml", "xml-unreadable"),
            (b"<a>", "xml-unreadable"),
            (b"<a></b>", "xml-unreadable"),
            (b"<a b=1/>", "xml-unreadable"),
            (b"<a>\xff\xfe</a>", "xml-unreadable"),
            (b"<a>&unknown;</a>", "xml-unreadable"),
            (b'<?xml version="1.0" encoding="utf-8"?><a>\xe9</a>', "xml-unreadable"),
            (b'<?xml version="1.0" encoding="utf-7"?><a/>', "xml-encoding"),
            (b'<?xml version="1.0" encoding="ebcdic-cp-us"?><a/>', "xml-encoding"),
            (b"<a>\x00</a>", "xml-encoding"),
            ("<a/>".encode("utf-32"), "xml-encoding"),
            (b"\xff\xfe<", "xml-encoding"),
            (b"PK\x03\x04\x00\x00", "xml-encoding"),
            (b"<!DOCTYPE a><a/>", "xml-doctype"),
            (b'<!DOCTYPE a SYSTEM "file:/etc/passwd"><a/>', "xml-doctype"),
            (b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/">]><a>&x;</a>', "xml-doctype"),
            (f'<!DOCTYPE a [<!ENTITY e0 "x">{BOMB}]><a>&e11;</a>'.encode(), "xml-doctype"),
            ("<!DOCTYPE a><a/>".encode("utf-16"), "xml-doctype"),
            (b'<?xml-stylesheet href="x.xsl" type="text/xsl"?><a/>', "xml-page"),
            (b'<a><b xmlns="http://www.w3.org/1999/xhtml"><script/></b></a>', "xml-page"),
            (b'<a xmlns:s="http://www.w3.org/2000/svg"><s:svg onload="x()"/></a>', "xml-page"),
            ('<?xml-stylesheet href="x"?><a/>'.encode("utf-16"), "xml-page"),
            (b"<a>" * 61 + b"</a>" * 61, "xml-too-deep"),
            (b"<a>" * 5000 + b"</a>" * 5000, "xml-unreadable"),
            (b"<a>" + b"<b/>" * 20_000 + b"</a>", "xml-too-large"),
            (b"<a>" + b" " * 2 * 1024 * 1024 + b"</a>", "xml-too-large"),
        ],
    )
    def test_refuses_with_one_finding(self, data, rule):
        with pytest.raises(PackRefused) as refused:
            parse_xml(data, file="case.bpmn")

        [finding] = refused.value.findings
        assert (finding.file, finding.rule, finding.severity) == ("case.bpmn", rule, "error")
        assert finding.message

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
    def test_reads_encodings_that_modellers_write(self, encoding):
        declared = "utf-8" if encoding == "utf-8-sig" else encoding
        text = f'<?xml version="1.0" encoding="{declared}"?><a>é</a>'

        assert parse_xml(text.encode(encoding), file="x").text == "é"

    def test_drops_comments_and_processing_instructions(self):
        root = parse_xml(b"<a><!-- c --><?pi x?><b/></a>", file="x")

        assert [child.tag for child in root] == ["b"]

    def test_reads_as_much_as_it_allows(self):
        wide = parse_xml(b"<a>" + b"<b/>" * 19_999 + b"</a>", file="x")
        deep = parse_xml(b"<a>" * 60 + b"</a>" * 60, file="x")

        assert (len(wide), len(list(deep.iter()))) == (19_999, 60)
