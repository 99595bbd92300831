"""How many transactions each route begins: `python -m tests.measures.transactions`.

Prints, for every route of the access table, the most that one of its requests began:

- `reading` and `writing`: what they say. One that wrote nothing but was begun to write is writing:
  on SQLite it takes the one lock there is.
- `log`: the line of the access log in a transaction of its own; `in` when the line stands inside
  the writing one; `-` when there is none.
- `delivery`: what training does after a step to hand messages to other cases. In production a
  worker does that, so it counts for no request.

`--where` says for each transaction which function began it, and who called that. `--worst 10`
leaves only the ten routes with most. `--database postgresql` asks the other database. `--json`
prints all requests as data. It takes about a minute, half of it the dry runs of two packs.

`tests/web/request/test_transactions.py` holds the counts to their rule.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterable
from dataclasses import asdict

import structlog

from tests.measures.recording import Recorder, Request, Transaction
from tests.measures.routes import walk
from tests.measures.site import Kind, databases, fill_failing, fill_training, site_on

KINDS = ("reading", "writing", "log", "delivery")


def main() -> None:
    given = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    requests = measure(given.database)
    rows = worst_of_each(requests)
    if given.worst:
        rows = sorted(rows, key=lambda each: -len(each.transactions))[: given.worst]
    if given.json:
        said = json.dumps([_as_data(each) for each in requests], indent=1)
    else:
        said = table(rows, where=given.where)
    sys.stdout.write(said + "\n")


def measure(kind: Kind) -> list[Request]:
    """Return what every request of the walk did on a database of that kind."""
    recorder = Recorder()
    with (
        databases(kind) as made,
        site_on(made.create(fill_training)) as dudley,
        site_on(made.create(fill_failing)) as failing,
        recorder.listening(),
    ):
        walk(recorder, dudley, failing)
    return recorder.requests


def worst_of_each(requests: Iterable[Request]) -> list[Request]:
    """Return the request with most transactions for each route, method, remark and outcome."""
    worst: dict[tuple[str, str, str, bool], Request] = {}
    for each in requests:
        key = (each.route, each.method, each.remark, each.succeeded)
        if key not in worst or len(each.transactions) > len(worst[key].transactions):
            worst[key] = each
    return list(worst.values())


def table(requests: Iterable[Request], *, where: bool = False) -> str:
    """Return a line for each request, under a head; `where` adds who began each transaction."""
    lines = [_columns("route", "method", "status", *KINDS)]
    for each in requests:
        lines.append(line(each))
        if where:
            lines += map(_where, each.transactions)
    return "\n".join(lines)


def line(request: Request) -> str:
    """Return one request as a line of the table."""
    counts = {kind: str(request.count(kind)) for kind in KINDS}
    counts["log"] = "in" if request.logs_inside else counts["log"].replace("0", "-")
    told = _columns(request.route, request.method, str(request.status), *counts.values())
    return f"{told}  {request.remark}".rstrip()


def _columns(route: str, method: str, status: str, *counts: str) -> str:
    return f"{route:26}{method:7}{status:>6}" + "".join(f"{each:>10}" for each in counts)


def _where(begun: Transaction) -> str:
    by = " < ".join(begun.begun_in[:3])
    wrote = f"; writes {', '.join(dict.fromkeys(begun.tables))}" if begun.tables else ""
    return f"    {begun.kind:9}{begun.ended:9}{by}{wrote}"


def _as_data(request: Request) -> dict[str, object]:
    counts = {kind: request.count(kind) for kind in KINDS}
    return {**asdict(request), **counts, "logs_inside": request.logs_inside}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.measures.transactions")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--worst", type=int, metavar="N", help="only the N routes with most")
    parser.add_argument("--where", action="store_true", help="say who began each")
    parser.add_argument("--json", action="store_true", help="print all requests as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
