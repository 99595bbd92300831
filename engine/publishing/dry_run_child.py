"""The child process of a dry run: limits itself, reads a pack on stdin, tells findings on stdout.

Started as `python -m engine.publishing.dry_run_child` by `dry_run`. One JSON object in; one JSON
object a line out: {"trying": process id}, {"finding": {...}}, last {"done": true}.
"""

from __future__ import annotations

import base64
import importlib
import json
import resource
import sys

CPU_SECONDS = 9
"""Processor seconds after which the system ends this process."""

ADDRESS_SPACE = 1_000_000_000
"""Bytes of address space, libraries included."""

MAX_FINDINGS = 50


def limit() -> None:
    """Bound this process for good: processor, memory, no files written, no core left behind."""
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, ADDRESS_SPACE),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def main() -> int:
    """Rehearse the pack on stdin."""
    limit()
    # After the limits, because reading a pack is what they are for.
    from engine.errors import Finding
    from engine.packs.forms import take_as_sound
    from engine.packs.version import Definition
    from engine.publishing.try_processes import rehearse

    sent = json.load(sys.stdin)
    module, _, name = sent["domain"].partition(":")
    domain = getattr(importlib.import_module(module), name)()
    definition = Definition({path: base64.b64decode(data) for path, data in sent["files"].items()})
    for path, data in definition.files.items():
        if path.startswith("forms/"):
            # Whoever sends a pack here has checked it.
            take_as_sound(data)
    told: set[Finding] = set()

    def tell(process: str, finding: Finding | None) -> None:
        if finding is None:
            _say({"trying": process})
        elif finding not in told and len(told) < MAX_FINDINGS:
            told.add(finding)
            _say({"finding": vars(finding)})

    rehearse(definition, domain, tell)
    _say({"done": True})
    return 0


def _say(said: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
