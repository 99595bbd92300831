"""docs/dudley-flowchart.md names every element of the drawing, and nothing that is not drawn."""

import re
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).parents[2]
DRAWING = ROOT / "bpmn_diagrams/dudley/case.bpmn"
PAGE = ROOT / "docs/dudley-flowchart.md"


def drawn() -> set[str]:
    shown = "{http://www.omg.org/spec/BPMN/20100524/DI}"
    root = etree.parse(DRAWING).getroot()
    figures = [*root.iter(f"{shown}BPMNShape"), *root.iter(f"{shown}BPMNEdge")]
    return {str(each.get("bpmnElement")) for each in figures}


def test_the_page_has_a_line_for_each_box_and_arrow():
    rows = re.findall(r"^\| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    named = {id for row in rows for id in re.findall(r"`(\w+)`", row)}

    assert drawn() - named == set()
    assert named - drawn() == {"care_plan"}
