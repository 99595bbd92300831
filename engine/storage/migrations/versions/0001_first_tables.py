"""The first tables: people, definitions, cases, events and their projections."""

import sqlalchemy as sa
from alembic import op

revision = "0001_first_tables"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=True),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_index("ix_access_log_case", "access_log", ["case_id", "at"], unique=False)
    op.create_table(
        "case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("policy", sa.String(length=60), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=True),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("team_manager", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("ref", name=op.f("uq_case_ref")),
    )
    op.create_table(
        "definition_file",
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("definition", "path", name=op.f("pk_definition_file")),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("route", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "route", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "person",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("team_manager", sa.String(length=120), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_person")),
    )
    op.create_table(
        "publication",
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pack", "number", name=op.f("pk_publication")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rule_ids", sa.Text(), nullable=False),
        sa.Column("day_0", sa.Date(), nullable=False),
        sa.Column("day_0_fact", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("met_by", sa.String(length=80), nullable=False),
        sa.Column("limit_on", sa.Date(), nullable=False),
        sa.Column("act_by_on", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("assumption", sa.Boolean(), nullable=False),
        sa.Column("source_sentence", sa.Text(), nullable=False),
        sa.Column("calendar_version", sa.String(length=60), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_sequence", sa.Integer(), nullable=False),
        sa.Column("closed_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_deadline_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index(
        "ix_deadline_open", "deadline", ["case_id", "closed_sequence", "name"], unique=False
    )
    op.create_table(
        "event",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("acting_for", sa.String(length=120), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("engine_version", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_event_case_id")),
        sa.PrimaryKeyConstraint("case_id", "sequence", name=op.f("pk_event")),
    )
    op.create_table(
        "fact",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("from_sequence", sa.Integer(), nullable=False),
        sa.Column("to_sequence", sa.Integer(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("corrects", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_fact_case_id")),
        sa.PrimaryKeyConstraint("case_id", "name", "from_sequence", name=op.f("pk_fact")),
    )
    op.create_index("ix_fact_current", "fact", ["case_id", "to_sequence"], unique=False)
    op.create_table(
        "instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("process", sa.String(length=120), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("correlation", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("waiting", sa.Text(), nullable=False),
        sa.Column("started_sequence", sa.Integer(), nullable=False),
        sa.Column("ended_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_instance_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_index("ix_instance_running", "instance", ["case_id", "status"], unique=False)
    op.create_index(
        "uq_instance_correlation", "instance", ["case_id", "process", "correlation"], unique=True
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_case", "notice", ["case_id", "sequence"], unique=False)
    op.create_index("ix_notice_person", "notice", ["person", "at"], unique=False)
    op.create_table(
        "session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("fk_session_person")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_table(
        "submission",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=True),
        sa.Column("element", sa.String(length=120), nullable=True),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_submission_case_id")),
        sa.PrimaryKeyConstraint("case_id", "sequence", name=op.f("pk_submission")),
    )
    op.create_index(
        op.f("ix_submission_case_id_element_sequence"),
        "submission",
        ["case_id", "element", "sequence"],
        unique=False,
    )
    op.create_table(
        "token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("fk_token_person")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_token")),
    )
    op.create_table(
        "step",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("ran", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_step_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_step_instance_id")),
        sa.PrimaryKeyConstraint("case_id", "instance_id", "sequence", name=op.f("pk_step")),
    )
    op.create_table(
        "timer",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("element", sa.String(length=120), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_timer_case_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name=op.f("fk_timer_instance_id")
        ),
        sa.PrimaryKeyConstraint("instance_id", "task", name=op.f("pk_timer")),
    )
    op.create_index("ix_timer_case", "timer", ["case_id"], unique=False)
    op.create_index("ix_timer_due_at", "timer", ["due_at", "case_id"], unique=False)
    op.create_table(
        "work_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("element", sa.String(length=120), nullable=False),
        sa.Column("process", sa.String(length=120), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("form", sa.String(length=120), nullable=False),
        sa.Column("deadline", sa.String(length=80), nullable=True),
        sa.Column("follows_deadline", sa.Boolean(), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("assignee", sa.String(length=120), nullable=True),
        sa.Column("team_manager", sa.String(length=120), nullable=True),
        sa.Column("needs_allocating", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_sequence", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_sequence", sa.Integer(), nullable=True),
        sa.Column("completed_by", sa.String(length=120), nullable=True),
        sa.Column("act_by_on", sa.Date(), nullable=True),
        sa.Column("limit_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sort_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_work_item_case_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name=op.f("fk_work_item_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
    )
    op.create_index(
        "ix_work_item_assignee", "work_item", ["assignee", "status", "sort_on", "id"], unique=False
    )
    op.create_index("ix_work_item_case", "work_item", ["case_id", "status"], unique=False)
    op.create_index(
        "ix_work_item_role", "work_item", ["role", "pack", "status", "sort_on", "id"], unique=False
    )
    op.create_index(
        "ix_work_item_team", "work_item", ["team_manager", "status", "sort_on", "id"], unique=False
    )
    op.create_table(
        "draft",
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_item.id"], name=op.f("fk_draft_work_item_id")
        ),
        sa.PrimaryKeyConstraint("work_item_id", name=op.f("pk_draft")),
    )


def downgrade() -> None:
    op.drop_table("draft")
    op.drop_index("ix_work_item_team", table_name="work_item")
    op.drop_index("ix_work_item_role", table_name="work_item")
    op.drop_index("ix_work_item_case", table_name="work_item")
    op.drop_index("ix_work_item_assignee", table_name="work_item")
    op.drop_table("work_item")
    op.drop_index("ix_timer_due_at", table_name="timer")
    op.drop_index("ix_timer_case", table_name="timer")
    op.drop_table("timer")
    op.drop_table("step")
    op.drop_table("token")
    op.drop_index(op.f("ix_submission_case_id_element_sequence"), table_name="submission")
    op.drop_table("submission")
    op.drop_table("session")
    op.drop_index("ix_notice_person", table_name="notice")
    op.drop_index("ix_notice_case", table_name="notice")
    op.drop_table("notice")
    op.drop_index("uq_instance_correlation", table_name="instance")
    op.drop_index("ix_instance_running", table_name="instance")
    op.drop_table("instance")
    op.drop_index("ix_fact_current", table_name="fact")
    op.drop_table("fact")
    op.drop_table("event")
    op.drop_index("ix_deadline_open", table_name="deadline")
    op.drop_table("deadline")
    op.drop_table("setting")
    op.drop_table("publication")
    op.drop_table("person")
    op.drop_table("idempotency")
    op.drop_table("definition_file")
    op.drop_table("case")
    op.drop_index("ix_access_log_case", table_name="access_log")
    op.drop_table("access_log")
