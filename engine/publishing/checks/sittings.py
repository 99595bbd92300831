"""Forms of one sitting for several children: what they share, and who belongs together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.open_work.joint_sitting import SHARED, WIDGET
from engine.publishing.checks.reading import Material, Report, shortened, suggestion


def check(material: Material, schema: Mapping[str, Any], report: Report) -> None:
    """Report what would let one child's answers reach another, or nobody's."""
    listed = schema.get("x-sections")
    sections = listed if isinstance(listed, list) else []
    shared = {
        str(each.get("id"))
        for each in sections
        if isinstance(each, dict) and each.get("x-sitting") == SHARED
    }
    for name, field in schema.get("properties", {}).items():
        if not isinstance(field, dict):
            continue
        is_shared = str(field.get("x-section")) in shared
        if is_shared and (field.get("x-personal") or field.get("x-carry")):
            message = (
                f"The question '{name}' is about one child, and its section is shared by all"
                " children of a sitting. Move it to another section."
            )
            report.error(name, "sitting", message)
        if field.get("x-widget") == WIDGET:
            if not is_shared:
                message = (
                    f"The question '{name}' asks for the children of one sitting. Put it into a"
                    ' section with "x-sitting": "shared".'
                )
                report.error(name, "sitting", message)
            _check_same(material, name, field.get("x-same"), report)


def _check_same(material: Material, name: str, same: object, report: Report) -> None:
    facts = material.pack.facts if material.pack is not None else {}
    if not isinstance(same, list) or not all(isinstance(each, list) and each for each in same):
        message = (
            f"The question '{name}' needs x-same: a list of lists of facts in which the children of"
            ' a sitting are alike, such as [["sibling_group"]].'
        )
        report.error(name, "sitting", message)
        return
    for fact in (str(fact) for each in same for fact in each):
        if material.pack is not None and fact not in facts:
            message = (
                f"The question '{name}' compares the fact '{shortened(fact)}', which pack.toml does"
                f" not declare.{suggestion(fact, facts)}"
            )
            report.error(name, "unknown-fact", message)
