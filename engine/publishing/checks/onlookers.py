"""`seen_for` of pack.toml: whoever is told of something may look on at the case for that long."""

from __future__ import annotations

from collections.abc import Iterator

from engine.packs.manifest import Pack
from engine.publishing.checks.reading import Report, shortened
from engine.rules.decisions import amount_from


def check_onlookers(pack: Pack, report: Report) -> None:
    """Report a time that is no amount, and one that nobody gets anything by."""
    for name, where, seen_for, told in _entries(pack):
        if amount_from(seen_for) is None:
            message = (
                f"{where} has seen_for = '{shortened(seen_for)}'. Write an amount such as"
                ' "10 working days" or "6 weeks".'
            )
            report.error(name, "seen-for", message)
        elif not any(role not in pack.roles or pack.roles[role].is_pool for role in told):
            message = (
                f"{where} has seen_for, but tells nobody who sees more by it: people of the case's"
                " own roles see it anyway. Delete it, or tell a role whose work goes to a pool."
            )
            report.warn(name, "seen-for", message)


def _entries(pack: Pack) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield each entry with a time: its name, where it stands, the time, whom it tells."""
    for message in pack.messages.values():
        if message.seen_for:
            where = f"[messages.{shortened(message.name)}]"
            yield message.name, where, message.seen_for, message.notify
    for appointment in pack.appointments.values():
        if appointment.seen_for:
            # Who is invited is known to each case alone.
            invited = (appointment.people,) if appointment.people else ()
            where = f"[appointments.{shortened(appointment.deadline)}]"
            yield appointment.deadline, where, appointment.seen_for, (*invited, *appointment.tell)
