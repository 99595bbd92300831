"""The drawing on a page, in Chromium, under the policy that the product sends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import axe_violations

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

STATE = {
    "done": ["start", "to_arrange"],
    "waiting": [{"element": "arrange", "label": "Team Manager"}],
}

HTML = """<!DOCTYPE html>
<html lang="en" class="govuk-template">
<head><title>Where is this plan?</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="/boot.js"></script>
<link rel="stylesheet" href="/app.css"><link rel="stylesheet" href="/diagram.css"></head>
<body class="govuk-template__body"><main class="govuk-width-container">
<h1 class="govuk-heading-l">Where is this plan?</h1>
<div class="app-diagram" data-diagram-url="{url}" data-diagram-label="Meeting"
 data-detail-url-template="/diagrams/{{called}}" data-diagram-state="{state}"></div>
<p class="govuk-body">Below the drawing.</p></main>
<script type="module" src="/app.js"></script><script type="module" src="/diagram.js"></script>
</body></html>"""


class Site(SimpleHTTPRequestHandler):
    """The built assets, /page with a drawing, /broken with one that is not there."""

    def do_GET(self) -> None:
        pages = {"/page": "/meeting.bpmn", "/broken": "/missing.bpmn"}
        if self.path in pages:
            state = escape(json.dumps(STATE), quote=True)
            self.send_bytes(HTML.format(url=pages[self.path], state=state).encode(), "text/html")
        elif self.path == "/meeting.bpmn":
            drawing = Path(__file__).parent / "diagrams/meeting.bpmn"
            self.send_bytes(drawing.read_bytes(), "application/xml")
        else:
            super().do_GET()

    def send_bytes(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test output to the tests."""


@pytest.fixture(scope="module")
def site(built_assets: Path) -> Iterator[str]:
    handler = partial(Site, directory=str(built_assets))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def diagram(page: Page, site: str) -> Page:
    """A page whose drawing has been shown."""
    page.goto(f"{site}/page")
    page.wait_for_selector(".app-diagram[data-diagram-shown]")
    return page


def marked(page: Page, marker: str) -> set[str]:
    ids: list[str] = page.eval_on_selector_all(
        f".app-diagram .djs-element.{marker}", "found => found.map(e => e.dataset.elementId)"
    )
    return set(ids)


class TestDrawing:
    def test_marks_what_is_done_and_who_is_waited_for(self, diagram: Page) -> None:
        assert marked(diagram, "app-done") == {"start", "to_arrange"}
        assert marked(diagram, "app-waiting") == {"arrange"}
        expect(diagram.locator(".app-diagram__waiting")).to_have_text("Waiting: Team Manager")

    def test_follows_a_new_state_without_a_reload(self, diagram: Page) -> None:
        diagram.evaluate(
            """() => document.querySelector('.app-diagram').dispatchEvent(
                new CustomEvent('diagram:state', {detail: {
                    done: ['start', 'arrange'], waiting: [{element: 'review', label: 'IRO'}]}}))"""
        )

        expect(diagram.locator(".app-diagram__waiting")).to_have_text("Waiting: IRO")
        assert marked(diagram, "app-done") == {"start", "arrange"}
        assert marked(diagram, "app-waiting") == {"review"}

    def test_says_so_when_it_cannot_be_shown(self, page: Page, site: str) -> None:
        page.goto(f"{site}/broken")

        expect(page.get_by_text("The diagram could not be shown.")).to_be_visible()

    def test_passes_axe(self, diagram: Page) -> None:
        assert axe_violations(diagram) == []

    @pytest.mark.parametrize("width", [320, 1280])
    def test_never_makes_the_page_scroll_sideways(self, diagram: Page, width: int) -> None:
        diagram.set_viewport_size({"width": width, "height": 700})

        wide = diagram.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        expect(diagram.locator(".app-diagram__waiting")).to_be_in_viewport()

    def test_leaves_the_wheel_to_the_page(self, diagram: Page) -> None:
        diagram.set_viewport_size({"width": 900, "height": 300})
        diagram.locator("[data-element-id=arrange]").first.hover()
        before = diagram.locator(".app-diagram__canvas").bounding_box()
        diagram.evaluate("() => { window.moved = new Promise(done => { onscroll = done }) }")

        diagram.mouse.wheel(0, 200)

        assert diagram.evaluate("async () => { await window.moved; return window.scrollY }") > 0
        after = diagram.locator(".app-diagram__canvas").bounding_box()
        assert before is not None
        assert after is not None
        assert after["width"] == before["width"]

    def test_grows_by_its_button(self, diagram: Page) -> None:
        width = "document.querySelector('.app-diagram__canvas').clientWidth"
        before = diagram.evaluate(width)

        diagram.get_by_role("button", name="Zoom in").click()

        assert diagram.evaluate(width) == pytest.approx(before * 1.25, abs=2)


class TestKeyboard:
    def test_follows_the_flow_and_says_where_it_is(self, diagram: Page) -> None:
        live = diagram.locator(".app-diagram__live")
        diagram.get_by_label("Meeting", exact=True).focus()

        heard = []
        for key in ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"]:
            diagram.keyboard.press(key)
            heard.append(live.inner_text())

        assert heard == [
            "Arrange the meeting, waiting for Team Manager",
            "Plan agreed?, not done",
            "Review the plan, not done, press Enter for the detail",
            "Plan agreed?, not done",
            "Child comes into care, done",
            "Explain the breach, not done",
        ]

    def test_is_reached_by_tab(self, diagram: Page) -> None:
        diagram.get_by_role("button", name="Fit").focus()
        diagram.keyboard.press("Tab")

        focused = diagram.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused == "Meeting"

    def test_enter_opens_the_detail_of_a_call_activity(self, diagram: Page) -> None:
        diagram.get_by_label("Meeting", exact=True).focus()
        for key in ["ArrowRight", "ArrowRight", "ArrowRight"]:
            diagram.keyboard.press(key)

        with diagram.expect_navigation():
            diagram.keyboard.press("Enter")

        assert diagram.url.endswith("/diagrams/care%20plan%2Freview")
