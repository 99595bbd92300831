"""A stand-in for a process owner's modeller: changes the files that the browser downloaded."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

FIRST_MEETING_AMOUNTS = (
    "ppm_first_out_amount",
    "ppm_first_already_in_care_out_amount",
)
"""The cells of timescales.dmn that say within how many working days the first meeting is held."""


def change_first_meeting(file: Path, *, days: int) -> None:
    """Write another number of working days into both rows of the first meeting."""
    tree = etree.parse(file)
    for cell in FIRST_MEETING_AMOUNTS:
        [text] = _with_id(tree, cell).iter("{*}text")
        text.text = str(days)
    tree.write(file, xml_declaration=True, encoding="UTF-8")


def rename(file: Path, element: str, name: str) -> None:
    """Give an element of a diagram another label."""
    tree = etree.parse(file)
    _with_id(tree, element).set("name", name)
    tree.write(file, xml_declaration=True, encoding="UTF-8")


def take_out_of_its_lane(file: Path, element: str) -> None:
    """Drag an element out of every lane."""
    tree = etree.parse(file)
    [reference] = [each for each in tree.iter("{*}flowNodeRef") if each.text == element]
    reference.getparent().remove(reference)
    tree.write(file, xml_declaration=True, encoding="UTF-8")


def _with_id(tree: etree._ElementTree, id: str) -> etree._Element:
    [found] = [each for each in tree.iter("{*}*") if each.get("id") == id]
    return found
