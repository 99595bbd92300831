"""Keep a process running: a parent that waits, and starts it again when it dies."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable

import structlog

AWAITED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
CANNOT_START = 3
"""The exit status of a process that would fail in the same way again."""
TOO_SOON = 1.0
"""Seconds; who lives no longer is started again with a pause."""
PAUSE = 0.2

_log = structlog.get_logger("restarting")


class NotStarted(Exception):
    """The work could not begin, and would not the next time."""


def keep_running(work: Callable[[], None], *, grace: float) -> None:
    """Run `work` in a process of its own, and again whenever it dies, until told to stop.

    At SIGTERM or SIGINT the process is sent SIGTERM, and killed if it has not ended after `grace`
    seconds or at a second signal. Call this where no other threads run.

    Raises:
        SystemExit: `work` raised `NotStarted`.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    try:
        child = _start(work, unblocked)
        began = time.monotonic()
        while signal.sigwait(AWAITED) == signal.SIGCHLD:
            status = _status(child)
            if status is None:
                continue
            if status == CANNOT_START:
                raise SystemExit(CANNOT_START)
            _log.error("process_died", pid=child, status=status)
            if time.monotonic() - began < TOO_SOON:
                time.sleep(PAUSE)
            child = _start(work, unblocked)
            began = time.monotonic()
        _stop(child, grace)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)


def _start(work: Callable[[], None], unblocked: Iterable[int]) -> int:
    """Fork a process that does `work` and nothing after it; return its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
        work()
        status = 0
    except NotStarted as error:
        _log.error("not_started", exc_info=error.__cause__ or error)
        status = CANNOT_START
    except BaseException:
        _log.exception("process_failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Whatever happened, this process must not go on as a second parent.
        os._exit(status)


def _status(child: int) -> int | None:
    """Return how the process ended, minus the signal if one ended it; None while it runs."""
    ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _stop(child: int, grace: float) -> None:
    os.kill(child, signal.SIGTERM)
    until = time.monotonic() + grace
    while _status(child) is None:
        left = until - time.monotonic()
        heard = signal.sigtimedwait(AWAITED, max(left, 0))
        if heard is None or heard.si_signo != signal.SIGCHLD:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return
