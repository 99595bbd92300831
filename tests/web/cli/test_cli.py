"""The command line, through `main`: what it prints, what it leaves behind, how it ends."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.firing import loop, training_clock
from engine.people import people
from engine.storage import database
from tests.databases import Kind
from web.cli import main
from web.cli.pack_files import FOLDER
from web.serve import is_loopback
from workflows.permanence.domain import DOMAIN

Run = Callable[..., tuple[int, str, str]]
CLOCK = "2026-01-05T09:00Z"
FACTS = {
    "child_ref": "LCS-1",
    "child_name": "Robin Example",
    "cause": "care_entry",
    "event_date": "2026-01-02",
    "legal_status": "V2",
}


@pytest.fixture
def run_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Run]:
    """Return what runs a command in training on a database: its code, what it printed."""

    def run_on(url: str) -> Run:
        monkeypatch.setenv("PERMANENCE_DATABASE_URL", url)
        monkeypatch.setenv("PERMANENCE_MODE", "training")
        return run

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run_on


@pytest.fixture
def run(run_on: Callable[[str], Run], database_url: str) -> Run:
    """Run commands on a database with its tables and nothing else."""
    return run_on(database_url)


def make_ready(url: str) -> None:
    """Set a database up for training, without the demonstration, and add three people."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PERMANENCE_DATABASE_URL", url)
        environment.setenv("PERMANENCE_MODE", "training")
        assert main(["init", "--clock", CLOCK]) == 0
        for name, role in [("sam", "social_worker"), ("tess", "team_manager"), ("ivy", "iro")]:
            add = ["user", "add", name, "--display-name", name.title(), "--role", role]
            assert main(add) == 0


@pytest.fixture
def ready_url(database_kind: Kind, new_database: Callable[..., str]) -> str:
    return new_database(database_kind, fill=make_ready)


@pytest.fixture
def ready(run_on: Callable[[str], Run], ready_url: str) -> Run:
    """Run commands on a database that `make_ready` filled."""
    return run_on(ready_url)


def open_case(run: Run, tmp_path: Path, **facts: Any) -> str:
    file = tmp_path / "facts.json"
    named = {"social_worker": "sam", "team_manager": "tess", "iro": "ivy"}
    file.write_text(json.dumps({**FACTS, **named, **facts}))
    again = ("--again-because", "Another child of the tests")
    code, out, err = run("case", "open", "--pack", "dudley", "--facts", str(file), *again)
    assert code == 0, err
    return out.strip()


def refused(result: tuple[int, str, str]) -> str:
    """Return the one line that says why a command failed."""
    code, _, err = result
    assert code == 1
    assert err.startswith("permanence: ")
    assert err.count("\n") == 1
    return err


def test_init_publishes_every_pack_once(run: Run) -> None:
    first = json.loads(run("init", "--clock", CLOCK, "--json")[1])
    again = json.loads(run("init", "--clock", CLOCK, "--json")[1])

    assert [each["pack"] for each in first["packs"]] == [
        path.parent.name for path in sorted(FOLDER.glob("*/pack.toml"))
    ]
    assert first["mode"] == "training"
    assert first["clock"] == "2026-01-05T09:00:00Z"
    assert again["packs"] == []
    assert again["clock"] == first["clock"]


def test_a_mode_does_not_change(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERMANENCE_MODE", "production")

    assert "training" in refused(ready("init"))
    assert "training" in refused(ready("verify"))


def test_production_has_no_demonstration_and_no_clock(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERMANENCE_MODE")

    assert "PERMANENCE_MODE=training" in refused(run("init", "--demo"))
    assert "PERMANENCE_MODE=training" in refused(run("init", "--clock", CLOCK))
    assert run("init")[0] == 0
    assert "real time" in refused(run("clock", "show"))
    assert "training" in refused(run("clock", "set", "2030-01-01T00:00Z"))
    assert "PERMANENCE_SECRET_KEY" in refused(run("serve", "--port", "1"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PERMANENCE_MODE", "tranining", "training or production"),
        ("PERMANENCE_DATABASE_URL", "nowhere", "PERMANENCE_DATABASE_URL"),
        ("PERMANENCE_DATABASE_URL", "cobol://x/y", "PERMANENCE_DATABASE_URL"),
        ("PERMANENCE_SECRET_KEY", "short", "PERMANENCE_SECRET_KEY"),
    ],
)
def test_wrong_settings_stop_every_command(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    assert said in refused(run("init"))
    assert said in refused(run("verify"))


def test_a_database_that_is_not_there_is_not_made(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", f"sqlite:///{tmp_path}/none.sqlite")

    assert "permanence init" in refused(run("verify"))
    assert "permanence init" in refused(run("serve", "--port", "1"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["case"],
        ["init", "--clock", "2026-01-05T09:00"],
        ["clock", "set", "tomorrow"],
        ["serve", "--port", "http"],
        ["worker", "--concurrency", "0"],
        ["user", "add", "sam"],
        ["simulate", "--children", "none"],
    ],
)
def test_wrong_usage_ends_with_2(run: Run, arguments: list[str]) -> None:
    code, _, err = run(*arguments)

    assert code == 2
    assert "usage: permanence" in err


@pytest.mark.parametrize(
    "command", ["", "init", "case open", "clock set", "export", "token create"]
)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    code, out, _ = run(*command.split(), "--help")

    assert code == 0
    assert out.startswith(f"usage: permanence {command}".rstrip())


def test_a_case_is_opened_and_shown(ready: Run, tmp_path: Path) -> None:
    ref = open_case(ready, tmp_path)
    case = json.loads(ready("case", "show", ref, "--json")[1])
    text = ready("case", "show", ref)[1]

    assert case["ref"] == ref
    assert {each["name"]: each["assignee"] for each in case["work_items"]} == {
        "draft_care_plan": "sam",
        "arrange_ppm": "sam",
        "book_review": "ivy",
    }
    # 2 January 2026 is a Friday; the tenth working day after it is Friday the 16th.
    assert {each["name"]: each["limit_on"] for each in case["deadlines"]}["ppm"] == "2026-01-16"
    assert "2026-01-16" in text
    assert "Robin" not in text
    assert "no case" in refused(ready("case", "show", "P-NONE"))


def test_facts_that_break_the_form_name_their_fields(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    arguments = ("case", "open", "--pack", "dudley", "--facts", str(file))
    file.write_text(json.dumps({**FACTS, "event_date": "2026-02-01"}))
    assert "event_date" in refused(ready(*arguments))
    file.write_text("[1]")
    assert "JSON object" in refused(ready(*arguments))
    file.write_text("{")
    assert "no JSON" in refused(ready(*arguments))
    assert "/nowhere" in refused(ready(*arguments[:-1], "/nowhere"))
    file.write_text(json.dumps(FACTS))
    assert "No pack nowhere" in refused(ready("case", "open", "--pack", "nowhere", *arguments[-2:]))
    assert "no policy X" in refused(ready(*arguments, "--policy", "X"))
    assert json.loads(ready("verify", "--json")[1])["cases"] == 0


def test_the_clock_moves_forward_and_fires_timers(ready: Run, tmp_path: Path) -> None:
    ref = open_case(ready, tmp_path)

    # The LIMIT passes at midnight after the 16th; one breach for arranging, at its instant.
    before = ready("clock", "set", "2026-01-16T23:59Z")
    passed = ready("clock", "set", "2026-01-17T00:00Z")

    assert before[1] == "2026-01-16T23:59:00Z; timers fired: 0\n"
    assert passed[1] == "2026-01-17T00:00:00Z; timers fired: 1\n"
    assert ready("clock", "show")[1] == "2026-01-17T00:00:00Z\n"
    work = json.loads(ready("case", "show", ref, "--json")[1])["work_items"]
    assert ("explain_breach", "tess") in {(each["name"], each["assignee"]) for each in work}
    assert "cannot move back" in refused(ready("clock", "set", CLOCK))


def test_people_and_tokens(ready: Run, ready_url: str) -> None:
    add = ("user", "add", "kim", "--display-name", "Kim", "--pack", "dudley", "--role", "iro")
    assert ready(*add, "social_worker", "--manager", "tess")[0] == 0
    code, token, _ = ready("token", "create", "--user", "kim")
    # Bringing a person up to date keeps their token.
    assert ready(*add, "--json")[0] == 0

    engine = database.create_engine(ready_url)
    with database.reading(engine) as connection:
        holder = people.holder_of_token(connection, token.removesuffix("\n"))
        actor = people.actor_named(connection, holder or "")
    engine.dispose()
    assert code == 0
    assert actor is not None
    assert (actor.name, actor.pack, actor.roles) == ("kim", "dudley", frozenset({"iro"}))
    assert "nobody" in refused(ready("token", "create", "--user", "who"))
    assert "no role pilot" in refused(ready(*add, "--role", "pilot"))
    assert "narnia" in refused(ready(*add, "--pack", "narnia"))


def test_publish_takes_an_id_or_a_folder(ready: Run, tmp_path: Path) -> None:
    folder = _copied_pack(tmp_path)
    same = ready("publish", "dudley")[1]
    table = folder / "timescales.dmn"
    table.write_text(table.read_text().replace("<text>10</text>", "<text>8</text>"))

    changed = ready("publish", str(folder), "--reason", "8 days")[1]
    ref = open_case(ready, tmp_path)

    assert same.startswith("dudley ")
    assert changed != same
    case = json.loads(ready("case", "show", ref, "--json")[1])
    assert {each["name"]: each["limit_on"] for each in case["deadlines"]}["ppm"] == "2026-01-14"
    assert "no pack" in refused(ready("publish", "nowhere"))


def test_a_broken_pack_is_not_published(ready: Run, tmp_path: Path) -> None:
    folder = _copied_pack(tmp_path)
    (folder / "ppm.bpmn").write_text("<broken")

    code, out, err = ready("publish", str(folder))

    assert (code, out) == (1, "")
    assert "ppm.bpmn" in err
    assert err.splitlines()[-1] == "permanence: The pack dudley was refused."
    assert "Traceback" not in err


def test_check_finds_what_is_wrong(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.bpmn"
    broken.write_text("<broken")
    missing = tmp_path / "missing.bpmn"

    code, out, err = run("check", str(broken), str(missing), "--json")

    findings = json.loads(out)
    assert code == 1
    assert {each["file"] for each in findings} == {str(broken), str(missing)}
    assert all(set(each) == {"severity", "file", "element", "rule", "message"} for each in findings)
    assert err.count("\n") == 1
    assert run("check", str(FOLDER / "dudley"))[0] == 0


def test_verify_counts_and_finds_a_changed_event(
    ready: Run, tmp_path: Path, ready_url: str
) -> None:
    ref = open_case(ready, tmp_path)
    good = json.loads(ready("verify", "--json")[1])
    engine = database.create_engine(ready_url)
    with database.transaction(engine) as connection:
        connection.exec_driver_sql("UPDATE event SET body = replace(body, '\"sam\"', '\"ann\"')")
        changed = connection.exec_driver_sql("UPDATE event SET actor = 'ann', body = body || ' '")
    engine.dispose()

    code, out, err = ready("verify")

    assert changed.rowcount == 1
    assert (good["cases"], good["open_cases"], good["events"], good["problems"]) == (1, 1, 1, [])
    assert code == 1
    assert out.splitlines()[0] == f"{ref}: Event 1 was altered."
    assert out.splitlines()[1] == f"{ref}: The column actor of event 1 is not what the event says."
    assert err == "permanence: 2 problems found.\n"


def test_rebuild_makes_again_what_follows_from_the_states(
    ready: Run, tmp_path: Path, ready_url: str
) -> None:
    ref = open_case(ready, tmp_path)
    assert ready("rebuild", "--check")[:2] == (0, "cases that differ 0\n")
    engine = database.create_engine(ready_url)
    with database.transaction(engine) as connection:
        timers = connection.exec_driver_sql("SELECT count(*) FROM timer").scalar_one()
        connection.exec_driver_sql("DELETE FROM timer")
        late = "UPDATE work_item SET sort_on = '2030-01-01' WHERE act_by_on IS NOT NULL"
        work = connection.exec_driver_sql(late).rowcount
    engine.dispose()

    code, out, err = ready("rebuild", "--check")

    assert (code, err) == (1, "permanence: 1 cases differ from their states.\n")
    assert out.startswith(f"{ref}: The timer ")
    assert json.loads(ready("rebuild", "--json")[1]) == {"rows": timers + work}
    assert ready("rebuild", "--check")[0] == 0
    assert ready("verify")[0] == 0


def test_verify_finds_a_timer_that_did_not_fire(ready: Run, tmp_path: Path, ready_url: str) -> None:
    ref = open_case(ready, tmp_path)
    engine = database.create_engine(ready_url)
    with database.transaction(engine) as connection:
        # As if the machine had died between moving the clock and firing.
        moved = connection.exec_driver_sql(
            "UPDATE setting SET value = '2026-01-17T00:00:00+00:00' WHERE name = 'clock'"
        )
    late = ready("verify")
    # The production server's loop does the same as the clock, at whatever time it looks.
    fired = loop.run_due_timers(engine, DOMAIN, datetime(2026, 1, 17, tzinfo=UTC))
    nothing_left = loop.run_due_timers(engine, DOMAIN, datetime(2026, 1, 17, tzinfo=UTC))
    engine.dispose()

    assert moved.rowcount == 1
    assert late[0] == 1
    assert late[1].startswith(f"{ref}: The timer what_next was due at 2026-01-17T00:00:00")
    assert (fired, nothing_left) == (1, 0)
    assert ready("verify")[0] == 0


def test_export_carries_a_chain_that_can_be_checked_elsewhere(ready: Run, tmp_path: Path) -> None:
    ref = open_case(ready, tmp_path)
    ready("clock", "set", "2026-01-20T00:00Z")

    exported = json.loads(ready("export", ref)[1])

    previous = "0" * 64
    for number, event in enumerate(exported["events"], start=1):
        leaf = hashlib.sha256(event["body"].encode()).hexdigest()
        previous = hashlib.sha256((previous + leaf).encode()).hexdigest()
        assert (event["sequence"], event["leaf"], event["hash"]) == (number, leaf, previous)
    assert len(exported["events"]) == 2
    assert exported["case"]["last_hash"] == previous
    assert {each["name"] for each in exported["work_items"]} >= {"arrange_ppm", "explain_breach"}
    assert "no case" in refused(ready("export", "P-NONE"))


def test_training_serves_this_machine_only(ready: Run) -> None:
    assert "127.0.0.1" in refused(ready("serve", "--port", "8000", "--host", "0.0.0.0"))
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert not is_loopback("example.org")


def test_a_worker_is_for_production_on_postgresql(
    ready: Run, database_kind: Kind, new_database: Callable[..., str], monkeypatch: Any
) -> None:
    assert "clock" in refused(ready("worker"))

    monkeypatch.setenv("PERMANENCE_DATABASE_URL", new_database(database_kind, fill=make_production))
    monkeypatch.setenv("PERMANENCE_MODE", "production")
    said = refused(ready("worker"))
    assert ("PostgreSQL" if database_kind == "sqlite" else "permanence upgrade") in said


def make_production(url: str) -> None:
    """Make what an earlier release left: everything but the tables for workers."""
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="production", now=None)
    engine.dispose()


def test_serve_answers_until_it_is_told_to_stop(
    new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", new_database("sqlite", fill=make_ready))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())"]
    server = subprocess.Popen(
        [*command, "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        # From here on connections are kept until the serving process takes them.
        assert server.stdout.readline().startswith("Serving training")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
            health = json.load(answer)
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=60)
    finally:
        server.kill()
        server.stdout.close()
        server.wait()

    assert (health["status"], health["mode"]) == ("ok", "training")
    assert code == 0


def _copied_pack(tmp_path: Path) -> Path:
    folder = tmp_path / "dudley"
    for source in (FOLDER / "dudley").rglob("*"):
        if source.is_file():
            target = folder / source.relative_to(FOLDER / "dudley")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    return folder
