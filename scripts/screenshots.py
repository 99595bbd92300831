"""Photograph the running demonstration for the documentation.

    make run                                     # in another terminal
    .venv/bin/python -m scripts.screenshots http://127.0.0.1:8000 /tmp/pictures

writes work, child, task, history and packs, each at 1280 and at 375 px: your-work-1280.png, …
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsing import launch_options

SIZES = {1280: 800, 375: 740}
"""Width and height of the window in CSS pixels."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Photograph the running demonstration.")
    parser.add_argument("address", help="where it is served, such as http://127.0.0.1:8000")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--whole", action="store_true", help="the page to its end, not a window")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for width in SIZES:
            for name, page in _pages(browser, given.address.rstrip("/"), width):
                file = given.folder / f"{name}-{width}.png"
                page.screenshot(path=file, full_page=given.whole)
        browser.close()


def _pages(browser: Browser, address: str, width: int) -> Iterator[tuple[str, Page]]:
    """Yield the name of a page and the page itself, ready to be photographed."""
    page = _signed_in(browser, address, width, "dudley.social_worker")
    yield "your-work", page
    _follow(page, ".app-work-list__title a")
    yield "task", page
    page.go_back()
    _follow(page, ".app-work-list__child a")
    yield "child", page
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
