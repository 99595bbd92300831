"""What must hold of every page: read from its HTML alone."""

from __future__ import annotations

from html.parser import HTMLParser

FIELDS = ("input", "select", "textarea")
UNLABELLED = ("hidden", "submit", "button")


class _Reader(HTMLParser):
    """Collects what the rules look at."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str]] = []
        self.links: list[str] = []
        self.problems: list[str] = []
        self.tables = 0
        self.captions = 0
        self.title = ""
        self.h1: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.labels.add(given.get("for", ""))
        if tag in FIELDS and given.get("type") not in UNLABELLED:
            self.fields.append(given)
        if tag == "a":
            self.links.append(given.get("href", ""))
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "script" and "src" not in given:
            self.problems.append("an inline script")
        if tag == "style" or "style" in given:
            self.problems.append(f"inline style on {tag}")
        self.problems += [f"{name} on {tag}" for name in given if name.startswith("on")]
        if tag in ("title", "h1"):
            self._within.append(tag)
            if tag == "h1":
                self.h1.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if self._within and self._within[-1] == "title":
            self.title += data
        elif self._within and self._within[-1] == "h1":
            self.h1[-1] += data


def problems_of(html: str) -> list[str]:
    """Return what is wrong with a page; empty when all rules hold."""
    page = _Reader()
    page.feed(html)
    found = list(page.problems)
    if len(page.h1) != 1:
        found.append(f"{len(page.h1)} h1 headings")
    else:
        heading = " ".join(page.h1[0].split())
        if not page.title.removeprefix("Error: ").startswith(heading):
            found.append(f"the title {page.title!r} does not start with the heading {heading!r}")
    found += [f"the id {each} twice" for each in sorted(set(page.ids)) if page.ids.count(each) > 1]
    found += [
        f"no label for {field.get('id') or field.get('name')}"
        for field in page.fields
        if field.get("id") not in page.labels and "aria-label" not in field
    ]
    found += [
        f"the link {link} leads nowhere on the page"
        for link in page.links
        if link.startswith("#") and link[1:] not in page.ids
    ]
    if page.tables != page.captions:
        found.append(f"{page.tables} tables, {page.captions} captions")
    return found
