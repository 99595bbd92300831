"""Draw BPMN diagrams as PNG pictures, as bpmn-js (the modellers' own renderer) shows them.

    python scripts/draw_diagrams.py [--out var/diagrams] [FILE.bpmn ...]

Without files it draws every pack's diagrams to OUT/<pack>/<name>.png. Each file is imported and
exported again; a warning of bpmn-js or an element lost on the way is an error.
Needs `npm install` (bpmn-js) and a Chromium that Playwright finds, or the one in CHROMIUM.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
MODELER = ROOT / "node_modules/bpmn-js/dist/bpmn-modeler.production.min.js"
STYLES = (
    ROOT / "node_modules/bpmn-js/dist/assets/diagram-js.css",
    ROOT / "node_modules/bpmn-js/dist/assets/bpmn-js.css",
)
MARGIN = 20  # pixels around the drawing

# One call: import, measure, show at scale 1, export again.
DRAW = """async ([xml, margin]) => {
  const modeler = new BpmnJS({ container: '#canvas' });
  const { warnings } = await modeler.importXML(xml);
  const box = modeler.get('canvas').viewbox().inner;
  const saved = (await modeler.saveXML({ format: true })).xml;
  const svg = (await modeler.saveSVG()).svg;
  document.body.innerHTML = svg;
  return { warnings: warnings.map((w) => w.message), width: box.width, height: box.height, saved };
}"""


def chromium() -> str | None:
    """The path of a Chromium to use, or None for Playwright's own."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")


def element_ids(xml: str) -> set[str]:
    """The ids of all elements of a BPMN file."""
    return set(re.findall(r'\bid="([^"]+)"', xml))


def draw(browser: Browser, source: Path, target: Path) -> list[str]:
    """Draw `source` to `target`; what went wrong, in words."""
    xml = source.read_text(encoding="utf-8")
    page = browser.new_page()
    page.set_content('<body style="margin:0"><div id="canvas" style="height:100vh"></div></body>')
    for style in STYLES:
        page.add_style_tag(path=str(style))
    page.add_script_tag(path=str(MODELER))
    result: dict[str, Any] = page.evaluate(DRAW, [xml, MARGIN])
    size = {"width": int(result["width"]) + MARGIN, "height": int(result["height"]) + MARGIN}
    page.set_viewport_size(size)  # type: ignore[arg-type]
    target.parent.mkdir(parents=True, exist_ok=True)
    page.locator("svg").first.screenshot(path=str(target))
    page.close()
    problems = list(result["warnings"])
    lost = element_ids(xml) - element_ids(result["saved"])
    if lost:
        problems.append(f"lost when saved again: {', '.join(sorted(lost))}")
    if xml.count("<spiffworkflow:property ") != result["saved"].count("<spiffworkflow:property "):
        problems.append("extension properties lost when saved again")
    return [f"{source}: {problem}" for problem in problems]


def main() -> int:
    """Draw the files named on the command line; 1 if any of them has a problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.bpmn")
    parser.add_argument("--out", type=Path, default=ROOT / "var/diagrams")
    options = parser.parse_args()
    files = options.files or sorted((ROOT / "bpmn_diagrams").glob("*/*.bpmn"))
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for source in files:
            target = options.out / source.resolve().parent.name / f"{source.stem}.png"
            problems += draw(browser, source, target)
            sys.stdout.write(f"{target}\n")
        browser.close()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
