"""Every example that docs/policy-in-a-day.md names stands in its pack."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"`([a-z_]+/[a-z_]+\.(?:dmn|bpmn|toml))#([\w.]+)`")


def test_its_examples_are_there():
    found = EXAMPLE.findall((ROOT / "docs" / "policy-in-a-day.md").read_text())
    assert len(found) > 20
    missing = [
        f"{path}: {name}"
        for path, name in found
        if not re.search(
            rf'id="{name}"|id = "{name}"|\b{re.escape(name)}\b\]|^{name} = ',
            (ROOT / "bpmn_diagrams" / path).read_text(),
            re.MULTILINE,
        )
    ]
    assert missing == []
