"""The tables. Those marked PERSONAL hold personal content; disposal empties them.

Instants are stored as UTC. Days are Europe/London calendar dates.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, Uuid

from engine.storage.compiled_sql import Instant

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

setting = Table(
    "setting", metadata, Column("name", String(40), primary_key=True), Column("value", Text)
)

person = Table(
    "person",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("display_name", String(200), nullable=False),
    Column("pack", String(60)),
    Column("roles", Text, nullable=False),
    Column("manager", String(120)),
    Column("active", Boolean, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(120), ForeignKey("person.name"), nullable=False),
    Column("created_at", Instant, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(120), ForeignKey("person.name"), nullable=False),
    Column("opened_at", Instant, nullable=False),
)

definition_file = Table(
    "definition_file",
    metadata,
    Column("definition", String(64), primary_key=True),
    Column("path", String(200), primary_key=True),
    Column("content", sa.LargeBinary, nullable=False),
)

publication = Table(
    "publication",
    metadata,
    Column("pack", String(60), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("definition", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", String(120), nullable=False),
    Column("reason", Text, nullable=False),
)

case = Table(
    "case",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ref", String(20), nullable=False, unique=True),
    Column("pack", String(60), nullable=False),
    Column("policy", String(60), nullable=False),
    Column("definition", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("secret", sa.LargeBinary(32)),
    Column("last_hash", String(64), nullable=False),
    Column("manager", String(120)),
    Column("kind", String(60), nullable=False, server_default="child"),
    # Its place in the register of cases, from 1.
    Column("number", Integer),
    # The only open one of its kind that its pack allows.
    Column("sole", Boolean, nullable=False, server_default=sa.false()),
    # The case that it was opened beside.
    Column("linked_to", Uuid, index=True),
    Index("uq_case_number", "number", unique=True),
)
_ONE_OPEN = sa.and_(case.c.sole, case.c.status == "open")
Index(
    "uq_case_sole",
    case.c.pack,
    case.c.kind,
    unique=True,
    sqlite_where=_ONE_OPEN,
    postgresql_where=_ONE_OPEN,
)

event = Table(
    "event",
    metadata,
    Column("case_id", Uuid, ForeignKey("case.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("acting_for", String(120)),
    Column("kind", String(40), nullable=False),
    Column("body", Text),
    Column("leaf", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("engine_version", String(40), nullable=False),
    # Seals recorded_at and engine_version; NULL in events from before it was kept.
    Column("beside", String(24)),
)

# PERSONAL: what was typed, beside the event that holds only its salted digests.
submission = Table(
    "submission",
    metadata,
    Column("case_id", Uuid, ForeignKey("case.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("work_item_id", Uuid),
    Column("element", String(120)),
    Column("answers", Text, nullable=False),
    Column("drafted_by", Text),
    Index(None, "case_id", "element", "sequence"),
)

# PERSONAL
fact = Table(
    "fact",
    metadata,
    Column("case_id", Uuid, ForeignKey("case.id"), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("from_sequence", Integer, primary_key=True),
    Column("to_sequence", Integer),
    Column("value", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("corrects", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    # Whether the value is a user name; null where a release before 0012 wrote it.
    Column("is_person", Boolean),
    Index("ix_fact_current", "case_id", "to_sequence"),
)
_NAMES_NOW = sa.and_(fact.c.is_person.is_not(sa.false()), fact.c.to_sequence.is_(None))
Index("ix_fact_person", fact.c.value, sqlite_where=_NAMES_NOW, postgresql_where=_NAMES_NOW)

# PERSONAL: `reason` quotes what was typed with a correction.
deadline = Table(
    "deadline",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.id"), nullable=False),
    Column("key", String(120), nullable=False),
    Column("name", String(80), nullable=False),
    Column("rule_ids", Text, nullable=False),
    Column("day_0", Date, nullable=False),
    Column("day_0_fact", String(80), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("met_by", String(80), nullable=False),
    Column("limit_on", Date, nullable=False),
    Column("act_by_on", Date, nullable=False),
    Column("opens_on", Date),
    Column("assumption", Boolean, nullable=False),
    Column("source_sentence", Text, nullable=False),
    Column("calendar_version", String(60), nullable=False),
    Column("explanation", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("met_on", Date),
    Column("superseded_by", Uuid),
    Column("reason", Text, nullable=False),
    Column("opened_sequence", Integer, nullable=False),
    Column("closed_sequence", Integer),
    Index("ix_deadline_open", "case_id", "closed_sequence", "name"),
)

# PERSONAL: a message's payload stands in `state`.
instance = Table(
    "instance",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.id"), nullable=False),
    Column("process", String(120), nullable=False),
    Column("definition", String(64), nullable=False),
    Column("correlation", String(200), nullable=False),
    Column("status", String(12), nullable=False),
    Column("state", Text),
    Column("waiting", Text, nullable=False),
    Column("started_sequence", Integer, nullable=False),
    Column("ended_sequence", Integer),
    Index("uq_instance_correlation", "case_id", "process", "correlation", unique=True),
    Index("ix_instance_running", "case_id", "status"),
)

step = Table(
    "step",
    metadata,
    Column("case_id", Uuid, ForeignKey("case.id"), primary_key=True),
    Column("instance_id", Uuid, ForeignKey("instance.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("ran", Text, nullable=False),
    Column("waiting", Text, nullable=False),
)

work_item = Table(
    "work_item",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.id"), nullable=False),
    Column("instance_id", Uuid, ForeignKey("instance.id"), nullable=False),
    Column("task", Integer, nullable=False),
    Column("name", String(120), nullable=False),
    Column("element", String(120), nullable=False),
    Column("process", String(120), nullable=False),
    Column("pack", String(60), nullable=False),
    Column("title", Text, nullable=False),
    Column("role", String(60), nullable=False),
    Column("form", String(120), nullable=False),
    Column("deadline", String(80)),
    Column("follows_deadline", Boolean, nullable=False),
    Column("optional", Boolean, nullable=False),
    Column("assignee", String(120)),
    Column("manager", String(120)),
    Column("needs_allocating", Boolean, nullable=False),
    Column("status", String(12), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_sequence", Integer, nullable=False),
    Column("closed_at", Instant),
    Column("closed_sequence", Integer),
    Column("completed_by", String(120)),
    Column("act_by_on", Date),
    Column("limit_on", Date),
    Column("reason", Text),
    Column("sort_on", Date, nullable=False),
    Column("booked_on", Date),
    Column("booked_time", String(5)),
    # Whose work it is, while those of `role` have it to allocate.
    Column("own_role", String(60)),
    Index("ix_work_item_case", "case_id", "status"),
    Index("ix_work_item_assignee", "assignee", "status", "sort_on", "id"),
    Index("ix_work_item_team", "manager", "status", "sort_on", "id"),
    Index("ix_work_item_role", "role", "pack", "status", "sort_on", "id"),
)

# Whose a piece of work was, from which event to which.
holder = Table(
    "holder",
    metadata,
    Column("case_id", Uuid, ForeignKey("case.id"), primary_key=True),
    Column("work_item_id", Uuid, ForeignKey("work_item.id"), primary_key=True),
    Column("from_sequence", Integer, primary_key=True),
    Column("to_sequence", Integer),
    Column("assignee", String(120), nullable=False),
)

# What a person was called until an instant at which that changed.
former_name = Table(
    "former_name",
    metadata,
    Column("person", String(120), ForeignKey("person.name"), primary_key=True),
    Column("until_at", Instant, primary_key=True),
    Column("display_name", String(200), nullable=False),
)

# PERSONAL
draft = Table(
    "draft",
    metadata,
    Column("work_item_id", Uuid, ForeignKey("work_item.id"), primary_key=True),
    Column("answers", Text, nullable=False),
    Column("saved_by", String(120), nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("sections", Text, nullable=False, server_default="{}"),
)

# PERSONAL: what somebody typed whose session had ended when they sent it, by the address of its
# form; short-lived.
unsent_typing = Table(
    "unsent_typing",
    metadata,
    Column("person", String(120), primary_key=True),
    Column("place", String(300), primary_key=True),
    Column("posted", Text, nullable=False),
    Column("kept_at", Instant, nullable=False),
)

timer = Table(
    "timer",
    metadata,
    Column("instance_id", Uuid, ForeignKey("instance.id"), primary_key=True),
    Column("task", Integer, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.id"), nullable=False),
    Column("element", String(120), nullable=False),
    Column("due_at", Instant),
    Index("ix_timer_due_at", "due_at", "case_id"),
    Index("ix_timer_case", "case_id"),
)

# PERSONAL: `reason` is typed by an operator. One row for each timer that ever failed.
incident = Table(
    "incident",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.id"), nullable=False),
    Column("instance_id", Uuid, ForeignKey("instance.id")),
    Column("task", Integer),
    Column("element", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("cause", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("next_try_at", Instant),
    Column("status", String(12), nullable=False),
    Column("resolved_by", String(120)),
    Column("reason", Text, nullable=False),
    Index("ix_incident_timer", "instance_id", "task", unique=True),
    Index("ix_incident_status", "status", "next_try_at"),
)

# PERSONAL
notice = Table(
    "notice",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("role", String(60), nullable=False),
    Column("person", String(120)),
    Column("text", Text, nullable=False),
    Index("ix_notice_person", "person", "at"),
    Index("ix_notice_case", "case_id", "sequence"),
)

# Roles whose people see a case for what they were told, up to a London day that counts.
onlooker = Table(
    "onlooker",
    metadata,
    Column("case_id", Uuid, ForeignKey("case.id"), primary_key=True),
    Column("role", String(60), primary_key=True),
    Column("about", String(160), primary_key=True),
    Column("from_sequence", Integer, primary_key=True),
    Column("to_sequence", Integer),
    Column("until_on", Date, nullable=False),
    Index("ix_onlooker_case", "case_id", "to_sequence", "until_on"),
    Index("ix_onlooker_role", "role", "to_sequence", "until_on"),
)

# PERSONAL: `payload`. What a case told the open case of another kind. Without `due_at` it is over:
# the receipt, unique for each event, says which event of which case took it.
message = Table(
    "message",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("pack", String(60), nullable=False),
    Column("to_kind", String(60), nullable=False),
    Column("name", String(120), nullable=False),
    Column("payload", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("received_by", Uuid, ForeignKey("case.id")),
    Column("received_sequence", Integer),
    Index("ix_message_due_at", "due_at"),
    Index("ix_message_case", "case_id", "sequence"),
    Index("uq_message_receipt", "received_by", "received_sequence", unique=True),
)

# PERSONAL: `response` repeats the answer to a request.
idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", String(120), primary_key=True),
    Column("route", String(300), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_digest", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("response", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(120)),
    Column("method", String(10), nullable=False),
    Column("route", String(200), nullable=False),
    Column("case_id", Uuid),
    Column("outcome", String(20), nullable=False),
    # References, a blank between them: of a list, whom it showed.
    Column("cases", Text),
    # Of a wrong token alone: where it came from.
    Column("address", String(45)),
    Index("ix_access_log_case", "case_id", "at"),
)
_WRONG_TOKEN = access_log.c.address.is_not(None)
Index(
    "ix_access_log_address",
    access_log.c.address,
    access_log.c.at,
    sqlite_where=_WRONG_TOKEN,
    postgresql_where=_WRONG_TOKEN,
)
Index(
    "ix_access_log_actor",
    access_log.c.actor,
    access_log.c.at,
    sqlite_where=_WRONG_TOKEN,
    postgresql_where=_WRONG_TOKEN,
)

# Who stands in for whom; both days are London's and count. `ended_at`: ended before its time.
cover = Table(
    "cover",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person", String(120), nullable=False),
    Column("covered_by", String(120), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("named_by", String(120), nullable=False),
    Column("named_at", Instant, nullable=False),
    Column("ended_by", String(120)),
    Column("ended_at", Instant),
    Index("ix_cover_covered_by", "covered_by", "to_on"),
    Index("ix_cover_person", "person", "to_on"),
)

# PERSONAL: `title` is typed by its owner. `query` is JSON: filter -> value of the work list.
saved_filter = Table(
    "saved_filter",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person", String(120), nullable=False),
    Column("title", String(80), nullable=False),
    Column("query", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Index("ix_saved_filter_person", "person", "title", unique=True),
)
