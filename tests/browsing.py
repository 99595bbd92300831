"""What tests need to know about Chromium and axe."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent.parent / "web/static/dist/test/axe.min.js"


def launch_options() -> dict[str, Any]:
    """Return the arguments for playwright's `launch`: the machine's own Chromium, no network use.

    Root may not use Chromium's sandbox.
    """
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, "no Chromium on PATH; make test installs one"
    arguments = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {"executable_path": found, "args": arguments}


def collect_problems(page: Page) -> list[str]:
    """Return a list that grows with each script error and each breach of the CSP on `page`.

    Other console errors are left out: Chromium reports an ordinary 404 or 422 page as one.
    """
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))

    def hear(message: Any) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    page.on("console", hear)
    return problems


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds on `page` as it stands: "rule: help (element)", best none.

    axe comes in through the debugger: as a script element the CSP would refuse it.
    """
    page.evaluate(_axe_source())
    result = page.evaluate("async () => await axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['help']} ({node['target'][0]})"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")
