"""Photograph the running demonstration for the documentation.

    make run                                     # in another terminal
    .venv/bin/python -m scripts.screenshots http://127.0.0.1:8000 /tmp/pictures

writes your-work, task, child, flowchart, history and packs, each at 1280 and at 375 px:
your-work-1280.png, … With `--guides` in place of a folder it writes the pictures that the guides
show: your-work.png, child.png and flowchart.png in docs/images.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsing import launch_options

ROOT = Path(__file__).resolve().parent.parent
SIZES = {1280: 800, 375: 740}
"""Width and height of the window in CSS pixels."""

IN_GUIDES = ("your-work", "child", "flowchart")


def main() -> None:
    parser = argparse.ArgumentParser(description="Photograph the running demonstration.")
    parser.add_argument("address", help="where it is served, such as http://127.0.0.1:8000")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("folder", type=Path, nargs="?")
    where.add_argument("--guides", action="store_true", help="the pictures of the guides, anew")
    parser.add_argument("--whole", action="store_true", help="the page to its end, not a window")
    given = parser.parse_args()
    wide = max(SIZES)
    if not given.guides:
        given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for width in [wide] if given.guides else SIZES:
            for name, page in _pages(browser, given.address.rstrip("/"), width):
                if not given.guides:
                    file = given.folder / f"{name}-{width}.png"
                    page.screenshot(path=file, full_page=given.whole)
                elif name in IN_GUIDES:
                    page.screenshot(path=ROOT / f"docs/images/{name}.png")
        browser.close()


def _pages(browser: Browser, address: str, width: int) -> Iterator[tuple[str, Page]]:
    """Yield the name of a page and the page itself, ready to be photographed."""
    page = _signed_in(browser, address, width, "dudley.social_worker")
    yield "your-work", page
    _follow(page, ".app-work-list__title a")
    yield "task", page
    page.go_back()
    _follow(page, ".app-work-list__of a")
    yield "child", page
    # The heading of the flowchart goes to the top of the window.
    page.locator("#where").evaluate(
        "heading => window.scrollTo(0, heading.getBoundingClientRect().top + scrollY - 30)"
    )
    yield "flowchart", page
    page = _signed_in(browser, address, width, "auditor")
    page.goto(f"{address}/cases")
    _follow(page, "td a")
    yield "history", page
    page = _signed_in(browser, address, width, "process_owner")
    page.goto(f"{address}/packs/dudley")
    _wait(page)
    yield "packs", page


def _signed_in(browser: Browser, address: str, width: int, person: str) -> Page:
    viewport = {"width": width, "height": SIZES[width]}
    page = browser.new_page(viewport=viewport, locale="en-GB")
    page.goto(f"{address}/sign-in")
    with page.expect_navigation():
        page.locator(f"button[value='{person}']").click()
    return page


def _follow(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.locator(link).first.click()
    _wait(page)


def _wait(page: Page) -> None:
    page.wait_for_load_state("load")
    if page.locator(".app-diagram").count():
        page.wait_for_selector(".app-diagram[data-diagram-shown]")


if __name__ == "__main__":
    main()
