"""A walk over every route, each called with what succeeds, by a made-up council over HTTP.

`walk` calls pages with forms as a browser posts them, and the API. What cannot be had from
Dudley's pack (timers that fail, for an operator to mend) comes from a small pack that fails.
"""

from __future__ import annotations

import io
import re
from contextlib import ExitStack

from flask import Flask

from tests.measures.recording import Recorder
from tests.measures.site import (
    CASE,
    Caller,
    Council,
    Site,
    Small,
    Visitor,
    arranged,
    carried_by,
    chair,
    date_fields,
    eight_days,
    escalate,
    name_cover,
    open_child,
    pack_files,
    publish,
    typed_in,
    upload,
)

TODAY = "2026-03-09"
NEXT_DAY = "2026-03-10"
LATE = "2026-03-24"
"""A day on which the meeting of who came into care on `TODAY` is late."""

ARRANGE = "Arrange the Permanence Planning Meeting"
CHAIR_IT = "Chair and record the Permanence Planning Meeting"
WORKER, SECOND, THIRD = (
    "dudley.social_worker",
    "dudley.social_worker_2",
    "dudley.social_worker_3",
)
MANAGER = "dudley.team_manager"
PANEL = {
    "pmp_chair": "dudley.pmp_chair",
    "service_manager": "dudley.service_manager",
    "panel_since_on": "2025-12-20",
}

SENDS = "sends a message to another case"
TOO_LATE = "is sent after the session ended"
HELD_BACK = "finds a timer whose date cannot be worked out"
"""Remarks on requests that are unlike others of their route."""


def walk(recorder: Recorder, dudley: Site, failing: Site) -> None:
    """Call every route; `recorder` hears of it."""
    with ExitStack() as watched:
        watched.enter_context(recorder.watching(dudley.app))
        watched.enter_context(recorder.watching(failing.app))
        of_strangers(dudley)
        of_a_case(dudley)
        of_tasks(recorder, dudley)
        of_a_meeting(dudley)
        of_the_pool(dudley)
        of_lists(dudley)
        of_a_team(dudley)
        of_packs(dudley)
        of_the_api(dudley)
        of_messages_between_cases(recorder, dudley)
        of_refusals(dudley)
        of_the_clock(dudley)
        of_those_who_leave(dudley)
        of_operators(recorder, failing)


def sample(recorder: Recorder, dudley: Site) -> None:
    """Call what people do most: cases, tasks, a meeting, the API."""
    with recorder.watching(dudley.app):
        of_a_case(dudley)
        of_tasks(recorder, dudley)
        of_a_meeting(dudley)
        of_the_api(dudley)


def of_strangers(site: Site) -> None:
    """Health, metrics, what is served as it is, and signing in and out."""
    stranger = Visitor(site.app)
    stranger.open("/health")
    stranger.open("/health?of=server")
    stranger.client.get("/health", headers={"Accept": "text/html"})
    stranger.client.get("/metrics")
    stranger.client.get("/static/icon.svg")
    stranger.client.get("/api/v1/openapi.json")
    person = site.visitor(WORKER)
    person.open("/", status=303)
    person.open("/work")
    person.send("/sign-out")


def of_a_case(site: Site) -> None:
    """Open a child's case, read it, report, comment, correct, look back."""
    worker = site.visitor(WORKER)
    worker.open("/cases/open", status=303)
    at = f"/cases/{open_child(worker)}"
    for page in ("", "/processes/ppm", "/recorded/1", "/history", "/history/1"):
        worker.open(f"{at}{page}")
    worker.open(f"{at}/history/day?day=9&month=3&year=2026", status=303)
    worker.open(f"{at}/comments")
    worker.follow(worker.send(f"{at}/comments", {"text": "Met the aunt."}))
    changed = {**date_fields("changed_on", TODAY), "what": "The carers gave notice"}
    worker.open(f"{at}/messages/significant_change")
    worker.follow(worker.send(f"{at}/messages/significant_change", changed))
    worker.open(f"{at}/corrections")
    worker.open(f"{at}/corrections?fact=came_into_care_on")
    correction = {
        "fact": "came_into_care_on",
        **date_fields("value", "2026-03-02"),
        "reason": "The order was made a week before",
    }
    worker.follow(worker.send(f"{at}/corrections", correction))
    auditor = site.visitor("auditor")
    auditor.open("/cases")
    auditor.open(f"{at}/history/2")


def of_tasks(recorder: Recorder, site: Site) -> None:
    """One task of one page: saved by the script and by hand, given away, completed, printed."""
    worker, manager = site.visitor(WORKER), site.visitor(MANAGER)
    ref = open_child(worker)
    task = work_of(worker, ref, ARRANGE)
    typed = arranged("2026-03-18")
    seen = carried_by(worker.open(task).text)
    worker.send(f"{task}/draft", {**seen, **typed}, status=200)
    seen = carried_by(worker.open(task).text)
    worker.follow(worker.send(task, {**seen, **typed, "mode": "online", "action": "save"}))
    manager.open(task)
    manager.send(f"{task}/assign", {"to": SECOND})
    manager.open(task)
    manager.send(f"{task}/assign", {"to": WORKER})
    seen = carried_by(worker.open(task).text)
    done = worker.send(task, {**seen, **typed})
    worker.follow(done)
    worker.open(f"{task}/done", status=303)
    worker.open(f"{done.headers['Location']}/paper")
    worker.open(task)
    left = work_of(worker, ref, "Complete a draft care plan")
    seen = carried_by(worker.open(left).text)
    with recorder.remarking(TOO_LATE):
        Visitor(site.app).client.post(left, data={**seen, "text": "Typed too late"})
    kept = worker.open(left)
    worker.send("/kept-typing/forget", carried_by(kept.text))


def of_a_meeting(site: Site) -> None:
    """A task of several pages: every section saved, one by the script, checked and submitted."""
    worker, manager = site.visitor(WORKER), site.visitor(MANAGER)
    ref = open_child(worker)
    task = work_of(worker, ref, ARRANGE)
    worker.open(task)
    worker.send(task, arranged(TODAY))
    task = work_of(manager, ref, CHAIR_IT)
    manager.open(task)
    seen = carried_by(manager.open(f"{task}/sections/child").text)
    manager.send(f"{task}/draft", {**seen, **typed_in("child", child_views="Soon")}, status=200)
    seen = carried_by(manager.open(f"{task}/sections/work").text)
    row = {**seen, **typed_in("work"), "add_row": "actions"}
    manager.send(f"{task}/sections/work", row, status=200)
    manager.follow(chair(manager, task))


def of_the_pool(site: Site) -> None:
    """Work that is nobody's: claimed from its row and from its page, put back."""
    case = {"pack": "dudley", "kind": "monitoring_panel", "facts": PANEL}
    chairs = "dudley.pmp_chair"
    site.caller(chairs).call("POST", "/cases", case, status=201)
    person = site.visitor(chairs)
    page = person.open("/work?show=claim")
    claim = first(r'action="(/claims/[^"]+)"', page.text)
    person.follow(person.send(claim, {"back": "show=claim"}))
    task = claim.replace("/claims/", "/work-items/")
    person.open(task)
    person.follow(person.send(f"{task}/release"))
    person.open(task)
    person.follow(person.send(f"{task}/claim"))
    caller = site.caller(chairs)
    caller.call("POST", f"{task}/release")
    caller.call("POST", f"{task}/claim")


def of_lists(site: Site) -> None:
    """Work, children, filters, search, allocation, the tracker."""
    worker, manager = site.visitor(WORKER), site.visitor(MANAGER)
    open_child(worker, social_worker="")
    worker.open("/your-cases")
    worker.open("/work?show=waiting")
    worker.follow(worker.send("/filters", {"back": "due=overdue", "title": "Late"}))
    worker.send(f"/filters/{site.kept_filter()}/remove")
    worker.open("/search")
    worker.send("/search", {"term": "Robin"}, status=200)
    page = manager.open("/allocation")
    items = re.findall(r'name="item" value="([^"]+)"', page.text)[:1]
    manager.follow(manager.send("/allocation", {"item": items, "to": SECOND}))
    manager.open("/work?show=team")
    manager.open("/tracker")
    manager.client.get("/tracker/file")


def of_a_team(site: Site) -> None:
    """Who is there, and who covers for whom."""
    worker, manager, second = site.visitor(WORKER), site.visitor(MANAGER), site.visitor(SECOND)
    manager.open("/people")
    name_cover(worker, WORKER, SECOND, (TODAY, NEXT_DAY))
    second.open("/work?show=cover")
    page = worker.open(f"/people/{WORKER}")
    worker.follow(worker.send(first(r'action="(/people/cover/[^"]+)"', page.text)))


def of_packs(site: Site) -> None:
    """Read a pack in all its parts, check a changed one and publish it."""
    owner = site.visitor("process_owner")
    owner.open("/packs")
    owner.open("/packs/dudley")
    versions = "/packs/dudley/versions/[0-9a-f]+"
    parts = [
        *(owner.links(rf"{versions}/{each}/[^\"]+")[0] for each in ("processes", "tables", "forms"))
    ]
    files = [
        *owner.links(r"/versions/[0-9a-f]+/files/[^\"]+")[:1],
        *owner.links(r"/versions/[0-9a-f]+\.zip"),
    ]
    for each in parts:
        owner.open(each)
    for each in files:
        owner.client.get(each)
    owner.open("/packs/dudley")
    upload(owner, ("timescales.dmn", eight_days()))
    owner.follow(publish(owner))
    caller = site.caller("process_owner")
    for address in ("/definitions/check", "/definitions"):
        send_pack(caller, address)


def send_pack(caller: Caller, address: str) -> None:
    """Send the pack as it stands in the repository to the API."""
    sent = {"files": [(io.BytesIO(data), name) for name, data in pack_files().items()]}
    answer = caller.client.post(f"/api/v1{address}", data=sent, headers=caller.headers)
    assert answer.status_code in (200, 201), answer.text


def of_the_api(site: Site) -> None:
    """A case, its work, its people; reads first, then what changes it."""
    worker, manager = site.caller(WORKER), site.caller(MANAGER)
    ref = worker.call("POST", "/cases", CASE, status=201, Idempotency_Key="one")["ref"]
    worker.call("POST", "/cases", CASE, status=201, Idempotency_Key="one")
    at = f"/cases/{ref}"
    for path in ("", "/deadlines?all=1", "/history", "/history/1"):
        worker.call("GET", f"{at}{path}")
    worker.call("GET", "/work-items")
    [item] = worker.call("GET", f"/work-items?case={ref}&name=arrange_ppm")["items"]
    task = f"/work-items/{item['id']}"
    worker.call("GET", task)
    worker.call("PUT", f"{task}/draft", {"answers": {"mode": "online"}})
    for to in (SECOND, WORKER):
        manager.call("POST", f"{task}/assignment", {"to": to})
    answers = {"meeting_date": "2026-03-18", "mode": "in_person", "invitees": ["team_manager"]}
    worker.call("POST", f"{task}/completion", {"answers": answers})
    worker.call("POST", f"{at}/comments", {"text": "Met the aunt."}, status=201)
    change = {"changed_on": TODAY, "what": "The carers gave notice"}
    worker.call("POST", f"{at}/messages", {"name": "significant_change", "payload": change})
    correction = {"fact": "came_into_care_on", "value": "2026-03-02", "reason": "A week before"}
    worker.call("POST", f"{at}/corrections", correction)
    worker.call("POST", "/search", {"term": "Robin"})
    days = {"from_on": TODAY, "to_on": NEXT_DAY}
    named = {"person": WORKER, "covered_by": SECOND, **days}
    cover = worker.call("POST", "/cover", named, status=201)
    worker.call("GET", "/cover")
    worker.call("DELETE", f"/cover/{cover['id']}")
    manager.call("GET", "/tracker")
    worker.call("GET", "/clock")


def of_messages_between_cases(recorder: Recorder, site: Site) -> None:
    """A step that sends a message to the panel, which takes it before the answer."""
    council = Council(site.url)
    try:
        with recorder.watching(council.app), recorder.remarking(SENDS):
            escalate(council)
    finally:
        council.close()


def of_refusals(site: Site) -> None:
    """What is answered with 4xx: hidden, of another role, wrongly filled in, too late."""
    worker, second = site.visitor(WORKER), site.visitor(SECOND)
    ref = open_child(worker)
    task = work_of(worker, ref, ARRANGE)
    second.open(f"/cases/{ref}", status=404)
    second.open("/allocation", status=403)
    worker.open(task)
    worker.send(f"{task}/assign", {"to": SECOND}, status=403)
    worker.open(task)
    worker.send(task, {"mode": "online"}, status=422)
    worker.open(task)
    worker.send(task, arranged("2026-03-18"))
    other = {**arranged("2026-03-19"), "mode": "online"}
    worker.open("/work")
    worker.send(task, other, status=409)
    caller = site.caller(WORKER)
    caller.call("POST", f"{task}/completion", {"answers": {}}, status=409)
    caller.call("POST", "/cases", {**CASE, "facts": {}}, status=422)


def of_the_clock(site: Site) -> None:
    """Move on; a meeting that is late by then is answered for in the list."""
    worker = site.visitor(WORKER)
    open_child(worker)
    worker.open("/clock")
    moved = {"day": LATE[8:], "month": "3", "year": "2026", "time": "09:00"}
    worker.follow(worker.send("/clock", moved))
    manager = site.visitor(MANAGER)
    page = manager.open("/work?show=mine&due=")
    asked = r'action="(/answers/[^"]+)"(?:(?!action=)[\s\S])*?Why was the date missed'
    answer = first(asked, page.text)
    said = {"back": "show=mine", "reason": "The carer was ill"}
    manager.follow(manager.send(answer, said))
    site.caller(WORKER).call("POST", "/clock", {"now": "2026-03-25T09:00Z"})


def of_those_who_leave(site: Site) -> None:
    """Hand over one child each: on the page, and in the API."""
    site.add_worker(THIRD)
    third = site.visitor(THIRD)
    open_child(third, social_worker=THIRD)
    manager = site.visitor(MANAGER)
    manager.open(f"/people/{THIRD}")
    manager.send(f"/people/{THIRD}/leave", {"to-social_worker": SECOND}, status=200)
    manager_calls = site.caller(MANAGER)
    body = {"successors": {"social_worker": WORKER, "team_manager": MANAGER}}
    manager_calls.call("POST", f"/people/{SECOND}/departure", body)


def of_operators(recorder: Recorder, site: Site) -> None:
    """Incidents: tried again, given up, and what is overdue fired."""
    small = Small(site.app.extensions["permanence"].engine)
    small.open()
    small.go(30)
    operator, caller = site.visitor("administrator"), site.caller("administrator")
    show_health(site.app, operator)
    [incident] = caller.call("GET", "/incidents")["items"]
    operator.open("/packs")
    operator.send(f"/health/incidents/{incident['id']}/retry")
    operator.open("/packs")
    operator.send(f"/health/cases/{small.ref}/fire")
    caller.call("POST", f"/incidents/{incident['id']}/retry")
    show_health(site.app, operator)
    operator.send(f"/health/incidents/{incident['id']}/skip", {"reason": "Told by phone"})
    correction = {"fact": "share", "value": 3, "reason": "Counted again"}
    with recorder.remarking(HELD_BACK):
        person = site.caller("worker")
        person.call("POST", f"/cases/{small.ref}/corrections", correction)
    [incident] = caller.call("GET", "/incidents")["items"]
    caller.call("POST", f"/incidents/{incident['id']}/skip", {"reason": "Told by phone"})


def show_health(app: Flask, visitor: Visitor) -> None:
    """Show the page of an unwell installation; it answers 503, and that is its success."""
    assert app is visitor.client.application
    page = visitor.client.get("/health", headers={"Accept": "text/html"})
    assert page.status_code == 503, page.text
    visitor.page = page


def work_of(visitor: Visitor, ref: str, title: str) -> str:
    """Return the address of a child's open task whose title begins so."""
    return first(rf'href="(/work-items/[^"]+)">{title}', visitor.open(f"/cases/{ref}").text)


def first(pattern: str, text: str) -> str:
    """Return what the pattern's group finds first."""
    found = re.search(pattern, text)
    assert found is not None, pattern
    return str(found[1])
