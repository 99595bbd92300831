"""Try a pack in a child process before it is published, so that no diagram can hurt the server.

The child gets the files on a pipe and nothing of this process's environment: no database, no
secrets. Whatever becomes of it, what comes back are findings.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from engine.domain import Domain
from engine.errors import Finding
from engine.packs.version import Definition

WALL_SECONDS = 25
"""Seconds after which the child is ended, whatever it is doing.

It may use 9 seconds of processor time (`dry_run_child`); only on a machine that has other things
to do does it get no more than that in so long.
"""

MAX_REMEMBERED = 200
"""Packs whose findings are kept, so that checking and then publishing runs them once."""

_log = logging.getLogger(__name__)
_remembered: OrderedDict[tuple[str, str], tuple[Finding, ...]] = OrderedDict()
_one_at_a_time = Lock()


def try_out(definition: Definition, *, domain: Domain) -> list[Finding]:
    """Return what goes wrong when every process of a whole, checked pack is run. Never raises.

    `domain` must be of a class that a module holds and that is made without arguments: the child
    makes its own.
    """
    kind = f"{type(domain).__module__}:{type(domain).__qualname__}"
    key = (definition.hash, kind)
    with _one_at_a_time:
        known = _remembered.get(key)
        if known is None:
            said, ended = _run_child(definition, kind)
            known = _findings(definition, said, ended)
            if ended == "done" or (said and ended != "busy"):
                _remembered[key] = known
            while len(_remembered) > MAX_REMEMBERED:
                _remembered.popitem(last=False)
        return list(known)


def _run_child(definition: Definition, domain: str) -> tuple[list[dict[str, object]], str]:
    """Return what the child said, line by line, and how it ended: done, ended, busy or failed."""
    files = {path: base64.b64encode(data).decode() for path, data in definition.files.items()}
    sent = json.dumps({"domain": domain, "files": files}).encode()
    try:
        child = subprocess.Popen(
            [sys.executable, "-B", "-m", "engine.publishing.dry_run_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env=environment(),
            start_new_session=True,
        )
    except OSError:
        _log.exception("The dry run of a pack could not be started")
        return [], "failed"
    with child:
        try:
            out, complaint = child.communicate(sent, timeout=WALL_SECONDS)
            in_time = True
        except subprocess.TimeoutExpired:
            child.kill()
            out, complaint = child.communicate()
            in_time = False
    said = [json.loads(line) for line in out.splitlines() if line.endswith(b"}")]
    if any("done" in each for each in said):
        return said, "done"
    if child.returncode > 0:
        _log.error("The dry run of a pack failed: %s", complaint[-2_000:].decode(errors="replace"))
        return said, "failed"
    return said, "ended" if in_time else "busy"


def environment() -> dict[str, str]:
    """Return where Python finds its modules, and nothing else that this process was told."""
    found = os.pathsep.join(path for path in sys.path if path)
    return {"PATH": os.defpath, "PYTHONPATH": found, "LANG": "C.UTF-8"}


def _findings(
    definition: Definition, said: list[dict[str, object]], ended: str
) -> tuple[Finding, ...]:
    found = [Finding(**each["finding"]) for each in said if "finding" in each]  # type: ignore[arg-type]
    if ended == "done":
        return tuple(found)
    trying = [str(each["trying"]) for each in said if "trying" in each]
    info = definition.processes.get(trying[-1]) if trying else None
    file, element = (info.file, info.id) if info else ("pack.toml", "")
    name = info.name if info else "its diagrams"
    if not trying or ended == "busy":
        message = "The pack could not be tried out, as the server is busy. Check it again."
    elif ended == "failed":
        message = (
            f"The pack could not be tried out to the end: it failed at '{name}'. Undo the last"
            " change, and tell the administrator."
        )
    else:
        message = (
            f"Too large: running '{name}' needs more time or memory than a case may have. Look"
            " for forks, calls and repetitions that multiply each other."
        )
    return (*found, Finding("error", file, element, "dry-run", message))
