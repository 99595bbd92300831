"""Two people at the same work item: one wins, the other gets 409; a timer costs nobody a form."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from engine import commands
from engine.context import CLOCK, Context
from engine.firing import fire as firing
from engine.storage import database, loading, tables
from tests.builders.world import ARRANGE, START, actor
from workflows.permanence.domain import DOMAIN

ROUNDS = 200


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all `works` from one starting line; return their results in order."""
    results: list[object] = [None] * len(works)
    line = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        line.wait()
        results[place] = work()

    threads = [threading.Thread(target=run, args=(i, work)) for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def rebook(council, item: str, day: str) -> int:
    """Complete a work item over HTTP; return the status."""
    answer = council.client().post(
        f"/api/v1/work-items/{item}/completion",
        json={"answers": {"review_date": day}},
        headers={"Authorization": f"Bearer {council.tokens['iro']}"},
    )
    return answer.status_code


def test_exactly_one_wins_each_of_200_times(council):
    case = council.open_case()
    council.complete("iro", "book_review", {"review_date": "2026-03-20"})
    before = council.case()["version"]
    statuses = []

    for each in range(ROUNDS):
        [item] = council.work("book_review")
        # Of four weeks, the days from Tuesday to Friday: on a Sunday it would be asked about.
        day = (START.date() + timedelta(days=1 + each % 4 + each // 4 % 4 * 7)).isoformat()
        results = at_once(*[partial(rebook, council, item["id"], day)] * 2)
        statuses.append(sorted(results))

    assert statuses == [[200, 409]] * ROUNDS
    assert council.case()["version"] == before + ROUNDS
    assert case["ref"] == council.ref


def test_a_timer_meanwhile_costs_nobody_a_form(council):
    council.open_case()
    council.complete("iro", "book_review", {"review_date": "2026-03-20"})
    with database.reading(council.engine) as connection:
        case_id = loading.find_case(connection, council.ref)
    due = START + timedelta(days=15)

    def fire() -> int:
        def work(connection):
            return firing.fire_timers(Context(connection, CLOCK, due, DOMAIN), case_id)

        return 0 if database.in_transaction(council.engine, work) is None else 1

    statuses = []
    for day in ("2026-03-26", "2026-03-27", "2026-03-30"):
        if statuses:
            council.go("2026-03-24")
        [item] = council.work("book_review")
        statuses += at_once(partial(rebook, council, item["id"], day), fire)

    assert statuses[::2] == [200, 200, 200]
    assert statuses[1::2] == [1, 0, 0]
    assert len(council.work("explain_breach")) == 1
    assert council.case()["facts"]["next_review_on"] == "2026-03-30"


def test_many_at_one_case_all_get_through(council):
    council.open_case()
    items = {each["name"]: each["id"] for each in council.case()["work_items"]}
    arranged = {"answers": {**ARRANGE, "meeting_date": "2026-03-18"}}
    change = {
        "name": "significant_change",
        "payload": {"changed_on": "2026-03-09", "what": "Placement ended"},
    }

    def send(path: str, body: object, key: str) -> int:
        headers = {
            "Authorization": f"Bearer {council.tokens['social_worker']}",
            "Idempotency-Key": key,
        }
        return council.client().post(f"/api/v1{path}", json=body, headers=headers).status_code

    completion = f"/work-items/{items['arrange_ppm']}/completion"
    messages = f"/cases/{council.ref}/messages"
    works = [partial(send, completion, arranged, "same")] * 3
    works += [partial(send, messages, change, f"{each % 4}") for each in range(8)]

    statuses = at_once(*works)

    assert statuses == [200] * len(works)
    assert council.case()["version"] == 1 + 1 + 4


def test_a_draft_saved_meanwhile_does_not_outlive_its_work_item(council):
    council.open_case()
    [item] = council.work("book_review")
    id = UUID(item["id"])
    saved: list[int] = []

    def save() -> None:
        answer = council.client().put(
            f"/api/v1/work-items/{id}/draft",
            json={"answers": {"review_date": "2026-03-20"}},
            headers={"Authorization": f"Bearer {council.tokens['iro']}"},
        )
        saved.append(answer.status_code)

    saving = threading.Thread(target=save)
    with database.transaction(council.engine) as connection:
        iro = Context(connection, actor("iro"), START, DOMAIN)
        commands.complete_work_item(iro, id, answers={"review_date": "2026-03-20"})
        saving.start()
        # Long enough for it to come as far as it can before this is committed.
        saving.join(timeout=0.5)
    saving.join()

    with database.reading(council.engine) as connection:
        left = connection.scalar(sa.select(sa.func.count()).select_from(tables.draft))
    assert (saved, left) == ([409], 0)
