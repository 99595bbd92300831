"""Somebody with a browser that checks every page it is shown."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders.html_rules import problems_of

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

KEEPS_ITS_LINES = re.compile(r"(<textarea.*?</textarea>|<p class=[^>]*app-typed.*?</p>)", re.DOTALL)


class Page(Response):
    """An answer whose `text` has its words as a browser shows them: on one line, a space apart.

    Where a template breaks its lines is no matter of a test's. `data` is as it was sent.
    """

    def get_data(self, as_text: bool = False) -> Any:
        data = super().get_data(as_text)
        return _on_one_line(data) if as_text and self.mimetype == "text/html" else data


def _on_one_line(html: str) -> str:
    parts = KEEPS_ITS_LINES.split(html)
    parts[::2] = [re.sub(r"\s+", " ", part) for part in parts[::2]]
    return "".join(parts)


class Visitor:
    """A signed-in person; `page` is the page last shown."""

    def __init__(self, app: Flask, person: str | None = None) -> None:
        self.client = FlaskClient(app, Page, use_cookies=True)
        self.page: TestResponse | None = None
        if person is not None:
            self.open("/sign-in")
            answer = self.send("/sign-in", {"person": person}, status=303)
            assert answer.headers["Location"] == "/work"

    def open(self, address: str, *, status: int = 200) -> TestResponse:
        """Fetch a page, hold it to the rules of every page, and return it."""
        return self._shown(self.client.get(address), status)

    def send(
        self, address: str, fields: dict[str, Any] | None = None, *, status: int = 303
    ) -> TestResponse:
        """Post a form with the token of the page last shown."""
        assert self.page is not None
        token = TOKEN.search(self.page.text)
        assert token is not None, "the page shows no form"
        data = {"csrf_token": token[1], **(fields or {})}
        kind = "multipart/form-data" if "files" in data else None
        return self._shown(self.client.post(address, data=data, content_type=kind), status)

    def follow(self, answer: TestResponse) -> TestResponse:
        """Open the page that an answer leads to."""
        return self.open(answer.headers["Location"])

    def links(self, pattern: str) -> list[str]:
        """Return the addresses on the page that match, in order, without repeats."""
        assert self.page is not None
        found = re.findall(rf'href="({pattern})"', self.page.text)
        return list(dict.fromkeys(found))

    def work(self, title: str) -> str:
        """Return the address of the open task with this title in the person's list."""
        page = self.open("/work")
        found = re.search(rf'href="(/work-items/[^"]+)">{re.escape(title)}</a>', page.text)
        assert found is not None, f"no task {title!r}"
        return found[1]

    def _shown(self, answer: TestResponse, status: int) -> TestResponse:
        assert answer.status_code == status, _words(answer)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        if answer.content_type.startswith("text/html") and answer.status_code != 303:
            assert problems_of(answer.text) == [], answer.request.path
            self.page = answer
        return answer


def _words(answer: TestResponse) -> str:
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.text))
    return f"{answer.status_code} {answer.request.path}: {text[:600]}"


def date_fields(name: str, day: str) -> dict[str, str]:
    """Return the three inputs of a date: date_fields("held_date", "2026-03-09")."""
    year, month, number = day.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}
