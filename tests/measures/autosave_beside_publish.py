"""How long an autosave waits while a pack is published.

    .venv/bin/python -m tests.measures.autosave_beside_publish --times 3

For each database the product's server runs in a process of its own, as durable as in an
installation. Dudley's pack is published `--times` times (50), each time with another title and so
as a new version; all the while a worker's browser saves a draft, a tenth of a second after the
last was answered. Prints how long saving took before, and during a publication (median and
slowest), and how long publishing took.

`--by` says how it is published: on the `page` (a file is checked, then published), by the `api`
(one call of `/api/v1/definitions`), by the `command` (`permanence publish`, in another process
than the server, whose start is part of the time). By default on the page and by the command.
`--database` leaves one database out. A publication takes ten to forty seconds on two cores, most
of it the dry run; look at the slowest autosave, as only one in a publication can wait for it all.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.measures.routes import ARRANGE, WORKER, first, work_of
from tests.measures.serving import COMMAND, Browser, Refused, answer_to, server, settings
from tests.measures.site import (
    Kind,
    arranged,
    carried_by,
    databases,
    fill_training,
    open_child,
    pack_files,
    site_on,
)

PAUSE = 0.1
"""Seconds between two autosaves."""

QUIET = 20
"""Autosaves before anything is published."""

CARRIED = ("based_on", "changed")
"""Fields that the page of findings carries to publishing."""

Publish = Callable[[bytes], object]
"""Publishes the pack with this pack.toml."""


@dataclass
class Taken:
    """Seconds that things took."""

    quiet: list[float] = field(default_factory=list)
    autosaves: list[float] = field(default_factory=list)
    publishing: list[float] = field(default_factory=list)
    not_saved: int = 0
    not_published: list[str] = field(default_factory=list)
    """Why, each time: a busy machine may not get a dry run done in time."""


@dataclass(frozen=True)
class Place:
    """A server at `address` on the database at `url`; a task to draft, a process owner's token."""

    url: str
    address: str
    task: str
    token: str


class Draft:
    """A task in a browser whose script saves what is typed."""

    def __init__(self, place: Place) -> None:
        self._browser = Browser(place.address, WORKER)
        self._address = f"{place.task}/draft"
        page = self._browser.open(place.task)
        self._fields = {**carried_by(page), **arranged("2026-03-18")}
        self._numbers = itertools.count()

    def save(self) -> None:
        """Save with other words than before, as the script does.

        Raises:
            Refused: the server did not save it.
        """
        self._fields["late_reason"] = f"Typed {next(self._numbers)}"
        answer = json.loads(self._browser.post(self._address, self._fields))
        assert answer["overtaken"] == [], answer
        for each in answer["sections"]:
            self._fields[f"seen-{each['id']}"] = each["seen"]


def on_the_page(place: Place) -> Publish:
    """Publish as a process owner does: check the file, read the findings, publish."""
    owner = Browser(place.address, "process_owner")

    def publish(pack: bytes) -> None:
        owner.open("/packs/dudley")
        sent = FileStorage(io.BytesIO(pack), "pack.toml")
        page = owner.send("/packs/dudley/check", {"files": sent})
        fields = {each: first(rf'name="{each}" value="([^"]+)"', page) for each in CARRIED}
        page = owner.send("/packs/dudley/publish", {**fields, "reason": "Another title"})
        assert "Published." in page

    return publish


def by_the_api(place: Place) -> Publish:
    """Publish the whole pack in one call."""

    def publish(pack: bytes) -> None:
        files = {**pack_files(), "pack.toml": pack}
        sent = {"files": [FileStorage(io.BytesIO(data), name) for name, data in files.items()]}
        boundary, body = encode_multipart(sent)
        headers = {
            "Authorization": f"Bearer {place.token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        asked = urllib.request.Request(f"{place.address}/api/v1/definitions", body, headers)
        answer_to(asked)

    return publish


def by_the_command(place: Place) -> Publish:
    """Publish from the command line, in a process of its own; its start is part of the time."""

    def publish(pack: bytes) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "dudley"
            for path, data in {**pack_files(), "pack.toml": pack}.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
            command = (*COMMAND, "publish", str(folder))
            quiet = subprocess.DEVNULL
            subprocess.run(command, env=settings(place.url), stdout=quiet, check=True)

    return publish


WAYS = {"page": on_the_page, "api": by_the_api, "command": by_the_command}


def measure(kind: Kind, *, by: str, times: int) -> Taken:
    """Return how long things took on one database."""
    taken = Taken()
    with databases(kind) as made:
        url = made.create(fill_training)
        with site_on(url) as site:
            visitor = site.visitor(WORKER)
            task = work_of(visitor, open_child(visitor), ARRANGE)
            token = site.caller("process_owner").headers["Authorization"].partition(" ")[2]
        with server(url) as address, ThreadPoolExecutor(1) as other:
            place = Place(url, address, task, token)
            draft, publish = Draft(place), WAYS[by](place)
            for _ in range(QUIET):
                _save(draft, taken.quiet, taken)
            for pack in itertools.islice(_titles(), times):
                published = other.submit(_publish, publish, pack, taken)
                while not published.done():
                    _save(draft, taken.autosaves, taken)
                published.result()
    return taken


def _titles() -> Iterator[bytes]:
    """Yield pack.toml with another title each time."""
    text = pack_files()["pack.toml"]
    for number in itertools.count(1):
        yield text.replace(b'title = "Dudley', f'title = "{number} Dudley'.encode(), 1)


def _save(draft: Draft, into: list[float], taken: Taken) -> None:
    began = time.perf_counter()
    try:
        draft.save()
    except Refused:
        taken.not_saved += 1
    into.append(time.perf_counter() - began)
    time.sleep(PAUSE)


def _publish(publish: Publish, pack: bytes, taken: Taken) -> None:
    began = time.perf_counter()
    try:
        publish(pack)
    except (Refused, subprocess.CalledProcessError) as error:
        taken.not_published.append(str(error))
    taken.publishing.append(time.perf_counter() - began)


def told(kind: str, by: str, taken: Taken) -> str:
    """Return the figures of one database and way, in milliseconds."""
    head = (
        f"{kind}, by {by}: {len(taken.autosaves)} autosaves, {taken.not_saved} not saved;"
        f" {len(taken.publishing)} versions, {len(taken.not_published)} not published"
    )
    rows = {
        "autosave before": taken.quiet,
        "autosave": taken.autosaves,
        "publish": taken.publishing,
    }
    reasons = [f"  not published: {each[:300]}" for each in taken.not_published]
    return "\n".join([head, *(_figures(name, took) for name, took in rows.items()), *reasons])


def _figures(name: str, seconds: list[float]) -> str:
    median, slowest = statistics.median(seconds) * 1000, max(seconds) * 1000
    return f"  {name:16} median {median:9.1f} ms   slowest {slowest:9.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.measures.autosave_beside_publish")
    parser.add_argument("--times", type=int, default=50, metavar="N", help="versions; default 50")
    parser.add_argument(
        "--by", choices=WAYS, nargs="+", default=["page", "command"], help="default page command"
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="default: both")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    kinds: tuple[Kind, ...] = (given.database,) if given.database else ("sqlite", "postgresql")
    for kind, by in itertools.product(kinds, given.by):
        found = measure(kind, by=by, times=given.times)
        sys.stdout.write(told(kind, by, found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
