"""How many project files one way through the product goes through: `make ways`.

A way is one request: completing a task, a task's page, a case's page, the check of an upload, a
timer that fires as the training clock passes it. Each runs twice, and the second, warm, is
measured: Python's own profiler says of every function call which file the function stands in.

- `files`: distinct .py files of the product entered, wherever in its folders they lie;
- `calls`: calls of functions in them, generators going on counted too;
- `templates`: distinct Jinja templates run.

    make ways                                 the table
    make ways ARGS="--list task_page"         the files of one way, by calls
    make ways ARGS="--json"                   everything, to keep and compare

The figures do not depend on how busy the machine is; they are the same each time.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from types import FrameType
from typing import Any

import structlog

from tests.measures.recording import project_file
from tests.measures.routes import ARRANGE, WORKER, first, work_of
from tests.measures.site import (
    Caller,
    Site,
    Visitor,
    arranged,
    carried_by,
    databases,
    eight_days,
    fill_training,
    open_child,
    pack_files,
    site_on,
)

CAME_IN = ("2026-03-09", "2026-03-09", "2026-03-05", "2026-03-06")
"""When the children came into care: two whose tasks are completed, two whose timers fire."""

LATE = ("2026-03-20T09:00Z", "2026-03-21T09:00Z")
"""Instants that the clock moves to: each time the meeting of one more child is late."""

TOKEN = r'name="csrf_token" value="([^"]+)"'


@dataclass
class Entered:
    """What was entered: file or template -> calls of functions in it."""

    files: Counter[str] = field(default_factory=Counter)
    templates: Counter[str] = field(default_factory=Counter)

    def note(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Take down one call; Python's profiler calls this."""
        if event != "call":
            return
        name = frame.f_code.co_filename
        if name == "<string>":  # What dataclasses write counts for the file they stand in.
            name = frame.f_globals.get("__file__", "")
        if name.endswith(".html"):
            self.templates[name.rpartition("/templates/")[2]] += 1
        elif (file := project_file(name)) is not None:
            self.files[file] += 1


Request = Callable[[], Any]


class Council:
    """People of one site, and the children whose ways are measured."""

    def __init__(self, site: Site) -> None:
        self.worker = site.visitor(WORKER)
        self.owner = site.visitor("process_owner")
        self.caller: Caller = site.caller(WORKER)
        self.refs = [open_child(self.worker, entered=day) for day in CAME_IN]
        self.tasks = [work_of(self.worker, ref, ARRANGE) for ref in self.refs]

    def case_page(self, _time: int) -> Request:
        return lambda: self.worker.client.get(f"/cases/{self.refs[2]}")

    def task_page(self, _time: int) -> Request:
        return lambda: self.worker.client.get(self.tasks[2])

    def completion(self, time: int) -> Request:
        task = self.tasks[time]
        page = self.worker.open(task).text
        return _posting(self.worker, task, {**carried_by(page), **arranged("2026-03-18")})

    def upload_check(self, _time: int) -> Request:
        self.owner.open("/packs/dudley")
        changed = {**pack_files(), "timescales.dmn": eight_days()}
        sent = [(BytesIO(data), name) for name, data in changed.items()]
        return _posting(self.owner, "/packs/dudley/check", {"files": sent})

    def timer(self, time: int) -> Request:
        def move() -> Any:
            body = {"now": LATE[time]}
            client, headers = self.caller.client, self.caller.headers
            answer = client.post("/api/v1/clock", json=body, headers=headers)
            assert (answer.json or {}).get("fired"), answer.text
            return answer

        return move


def _posting(visitor: Visitor, address: str, fields: dict[str, Any]) -> Request:
    """Return the posting of a form with the token of the page last shown."""
    assert visitor.page is not None
    data = {"csrf_token": first(TOKEN, visitor.page.text), **fields}
    kind = "multipart/form-data" if "files" in fields else None
    return lambda: visitor.client.post(address, data=data, content_type=kind)


WAYS: dict[str, Callable[[Council, int], Request]] = {
    "completion": Council.completion,
    "task_page": Council.task_page,
    "case_page": Council.case_page,
    "upload_check": Council.upload_check,
    "timer": Council.timer,
}
"""Name -> what prepares the request; it is told whether it is the first or the second time."""


def measure(site: Site) -> dict[str, Entered]:
    """Return what the second request of each way entered."""
    council = Council(site)
    found = {}
    for name, prepare in WAYS.items():
        _entered_by(prepare(council, 0))
        found[name] = _entered_by(prepare(council, 1))
    return found


def _entered_by(request: Request) -> Entered:
    """Run a request; return what was entered while it ran, in all threads it began."""
    entered = Entered()
    threading.setprofile(entered.note)
    sys.setprofile(entered.note)
    try:
        answer = request()
        answer.get_data()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert answer.status_code in (200, 303), answer.text
    return entered


def table(found: dict[str, Entered]) -> str:
    """Return a line for each way, under a head."""
    lines = [f"{'way':14}{'files':>7}{'calls':>9}{'templates':>11}"]
    for name, each in found.items():
        calls = each.files.total()
        lines.append(f"{name:14}{len(each.files):>7}{calls:>9}{len(each.templates):>11}")
    return "\n".join(lines)


def listed(entered: Entered) -> str:
    """Return the files, then the templates, with their calls, most first."""
    parts = (entered.files, entered.templates)
    rows = [row for part in parts for row in sorted(part.items(), key=lambda r: (-r[1], r[0]))]
    return "\n".join(f"{calls:>8}  {name}" for name, calls in rows)


def main() -> None:
    given = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with databases("sqlite") as made, site_on(made.create(fill_training)) as site:
        found = measure(site)
    if given.json:
        data = {
            name: {"files": each.files, "templates": each.templates} for name, each in found.items()
        }
        said = json.dumps(data, indent=1, sort_keys=True)
    else:
        said = listed(found[given.list]) if given.list else table(found)
    sys.stdout.write(said + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.measures.ways")
    parser.add_argument("--list", choices=WAYS, metavar="WAY", help="print what one way enters")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
