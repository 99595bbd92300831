"""Somebody at a browser: every page that they are shown is looked at."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browsing import axe_violations

LARGEST_PAGE = 100_000
"""Bytes of HTML that a page may have."""
OF_ONE_RECORD = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|P-[A-Z0-9-]+|\d+")
"""What differs between pages of one kind: ids, references, numbers."""

EXAMINED: set[tuple[str, int, str]] = set()
"""Pages that axe found nothing on in this run: (who was shown it, width, kind)."""

KIND_OF = """name => document.getElementById(name + '-day') ? 'date'
    : document.getElementsByName(name)[0].type"""


class Person:
    """One person's browser. `page` is playwright's; use it for what has no method here."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.name = ""

    def sign_in(self, name: str) -> None:
        """Pick a person on the training sign-in page; look at where they begin."""
        self.name = name
        self.open("/sign-in")
        with self.page.expect_navigation():
            self.page.locator(f"button[name=person][value='{name}']").click()
        self.look()

    def open(self, path: str) -> None:
        """Go to an address of the service and look at the page."""
        self.page.goto(self.address + path)
        self.look()

    def follow(self, name: str, *, exact: bool = False, within: str = "main") -> None:
        """Click the first link of this text and look at the page it leads to."""
        self.page.locator(within).get_by_role("link", name=name, exact=exact).first.click()
        self.look()

    def press(self, name: str, *, exact: bool = True) -> None:
        """Click the button of this text and look at the page it leads to."""
        with self.page.expect_navigation():
            self.button(name, exact=exact).click()
        self.look()

    def add_row(self, field: str) -> None:
        """Press "Add another" under a repeating question; the new row has the focus."""
        rows = self.page.locator(f"[id='{field}-rows'] > [data-app-row]")
        before = rows.count()
        self.page.locator(f"[id='{field}-add']").click()
        expect(rows).to_have_count(before + 1)
        expect(rows.last.locator("input, select, textarea").first).to_be_focused()

    def button(self, name: str, *, exact: bool = True) -> Locator:
        return self.page.locator("main").get_by_role("button", name=name, exact=exact)

    def look(self) -> None:
        """Hold the page now shown to the rules of every page: weight, width, and axe.

        axe takes a second or more, so it examines the first page of a kind that a person is shown
        in any test: same address and title but for ids and numbers, on a window as wide.
        """
        self.page.wait_for_load_state("load")
        if self.page.locator(".app-diagram").count():
            self.page.wait_for_selector(".app-diagram[data-diagram-shown]")
        assert self.weight() <= LARGEST_PAGE, f"{self.page.url} weighs {self.weight()} bytes"
        assert self.sideways() == 0, f"{self.page.url} scrolls sideways"
        path = urlsplit(self.page.url).path
        kind = OF_ONE_RECORD.sub("*", f"{path} {self.page.title()}")
        seen = (self.name, self.page.viewport_size["width"], kind)
        if seen not in EXAMINED:
            self.examine()
            EXAMINED.add(seen)

    def examine(self) -> None:
        """Have axe look at the page as it stands."""
        assert axe_violations(self.page) == [], self.page.url

    def weight(self) -> int:
        """Return the bytes of the page's HTML."""
        return int(
            self.page.evaluate("performance.getEntriesByType('navigation')[0].decodedBodySize")
        )

    def sideways(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def expect_address(self, path: str) -> None:
        expect(self.page).to_have_url(self.address + path)

    def read(self) -> str:
        """Return the words of the page's main part."""
        return self.page.locator("main").inner_text()

    def date(self, field: str, day: str) -> None:
        """Type a date, given as 2026-03-09, into its three inputs."""
        year, month, number = day.split("-")
        for part, text in (("day", number), ("month", month), ("year", year)):
            self.page.locator(f"[id='{field}-{part}']").fill(text)

    def answer(self, answers: dict[str, Any]) -> None:
        """Answer questions by what kind of input they have: text, choice, list, date."""
        for name, value in answers.items():
            self._answer(name, value)

    def _answer(self, name: str, value: Any) -> None:
        kind = self.page.evaluate(KIND_OF, name)
        if kind == "date":
            self.date(name, str(value))
        elif kind in ("radio", "checkbox"):
            for each in value if isinstance(value, list) else [value]:
                text = {True: "true", False: "false"}[each] if isinstance(each, bool) else each
                self.page.locator(f"input[name='{name}'][value='{text}']").check()
        elif kind == "select-one":
            self.page.locator(f"[id='{name}']").select_option(str(value))
        else:
            self.page.locator(f"[id='{name}']").fill(str(value))

    def tab_to(self, target: Locator, *, most: int = 80) -> None:
        """Press Tab until `target` has the focus."""
        for _ in range(most):
            if target.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by {most} presses of Tab")
