"""the first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("refs", sa.Integer(), nullable=False),
        sa.Column("packed", sa.Boolean(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "calendar",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("name", name=op.f("uq_calendar_name")),
    )
    op.create_table(
        "caught_mail",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("recipients", _JSON, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("ticket_id", _BIG, nullable=True),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caught_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_caught_mail_key")),
    )
    op.create_table(
        "event",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("stream_id", _BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("actor_kind", sa.String(length=64), nullable=False),
        sa.Column("actor_id", _BIG, nullable=True),
        sa.Column("cause", _BIG, nullable=True),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("data", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("stream", "stream_id", "seq", name=op.f("uq_event_stream_stream_id_seq")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", _JSON, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "open_count",
        sa.Column("department_id", _BIG, nullable=False),
        sa.Column("team_id", _BIG, nullable=False),
        sa.Column("holder_id", _BIG, nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("vip", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "department_id", "team_id", "holder_id", "status", "priority", "vip", name=op.f("pk_open_count")
        ),
    )
    op.create_table(
        "organisation",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("klass", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "process",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("seen_at", _BIG, nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_process")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "stream_head",
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("stream_id", _BIG, nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "stream_id", name=op.f("pk_stream_head")),
    )
    op.create_table(
        "customer",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("klass", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", _BIG, nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("link_epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_customer_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("email", name=op.f("uq_customer_email")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index("ix_customer_name", ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "department",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("calendar_id", _BIG, nullable=True),
        sa.Column("manager_id", _BIG, nullable=True),
        sa.Column("default_team_id", _BIG, nullable=True),
        sa.Column("promise_minutes", sa.Integer(), nullable=False),
        sa.Column("quiet_hours", sa.Integer(), nullable=False),
        sa.Column("queue_order", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name=op.f("fk_department_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("address", name=op.f("uq_department_address")),
        sa.UniqueConstraint("name", name=op.f("uq_department_name")),
    )
    op.create_table(
        "mail_received",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("received_at", _BIG, nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=True),
        sa.Column("raw", sa.String(length=64), nullable=False),
        sa.Column("fate", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", _BIG, nullable=True),
        sa.Column("message_id", _BIG, nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["raw"], ["blob.sha256"], name=op.f("fk_mail_received_raw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_received")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_mail_received_fingerprint")),
    )
    op.create_table(
        "person",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("nick", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("tz", sa.String(length=64), nullable=False),
        sa.Column("availability", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("settings", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_person_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("nick", name=op.f("uq_person_nick")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_department_id"), ["department_id"], unique=False)

    op.create_table(
        "sop",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("published_version_id", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_sop_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sop")),
        sa.UniqueConstraint("department_id", "name", name=op.f("uq_sop_department_id_name")),
    )
    op.create_table(
        "team",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("department_id", _BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("lead_id", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_team_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_department_id"), ["department_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("team_id", _BIG, nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("max_open", sa.Integer(), nullable=True),
        sa.Column("last_pick", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_membership_team_id")),
        sa.PrimaryKeyConstraint("team_id", "person_id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_person_id"), ["person_id"], unique=False)

    op.create_table(
        "person_load",
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("open_n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_load_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_load")),
    )
    op.create_table(
        "sop_version",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("sop_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("published_at", _BIG, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sop_id"], ["sop.id"], name=op.f("fk_sop_version_sop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sop_version")),
    )
    with op.batch_alter_table("sop_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sop_version_sop_id"), ["sop_id"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("department_id", _BIG, nullable=False),
        sa.Column("team_id", _BIG, nullable=False),
        sa.Column("holder_id", _BIG, nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("vip", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("product", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("tags", _JSON, nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("entered_at", _BIG, nullable=False),
        sa.Column("last_at", _BIG, nullable=False),
        sa.Column("first_response_at", _BIG, nullable=True),
        sa.Column("first_response_ms", sa.Integer(), nullable=True),
        sa.Column("last_customer_at", _BIG, nullable=True),
        sa.Column("resolved_at", _BIG, nullable=True),
        sa.Column("closed_at", _BIG, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("promised_at", _BIG, nullable=True),
        sa.Column("queue_key", _BIG, nullable=True),
        sa.Column("due_at", _BIG, nullable=True),
        sa.Column("due_kind", sa.String(length=64), nullable=True),
        sa.Column("step_id", _BIG, nullable=True),
        sa.Column("run_id", _BIG, nullable=True),
        sa.Column("merged_into", _BIG, nullable=True),
        sa.Column("attention", sa.String(length=64), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("want_seq", sa.Integer(), nullable=False),
        sa.Column("nudged_seq", sa.Integer(), nullable=False),
        sa.Column("alarm_at", _BIG, nullable=True),
        sa.Column("last_message_id", _BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_ticket_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_ticket_department_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_ticket_holder_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_ticket_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_alarm",
            ["alarm_at"],
            unique=False,
            sqlite_where=sa.text("alarm_at IS NOT NULL"),
            postgresql_where=sa.text("alarm_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_created", ["created_at", "department_id", "team_id", "first_response_ms"], unique=False
        )
        batch_op.create_index("ix_ticket_customer", ["customer_id", "id"], unique=False)
        batch_op.create_index(
            "ix_ticket_due_department",
            ["department_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_due_holder",
            ["holder_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_due_team",
            ["team_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index("ix_ticket_last", ["department_id", "last_at", "id"], unique=False)
        batch_op.create_index(
            "ix_ticket_last_queued",
            ["department_id", "last_at", "id"],
            unique=False,
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_queue",
            ["queue_key", "id"],
            unique=False,
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_queue_department",
            ["department_id", "queue_key", "id", "status", "holder_id", "priority"],
            unique=False,
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_queue_holder",
            ["holder_id", "queue_key", "id", "status"],
            unique=False,
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_queue_team",
            ["team_id", "queue_key", "id", "status", "holder_id", "priority"],
            unique=False,
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_resolved",
            ["resolved_at", "department_id", "team_id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NOT NULL"),
            postgresql_where=sa.text("resolved_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_unheld",
            ["department_id", "queue_key", "id"],
            unique=False,
            sqlite_where=sa.text("queue_key IS NOT NULL AND holder_id IS NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL AND holder_id IS NULL"),
        )
        batch_op.create_index(
            "ix_ticket_wanted",
            ["id"],
            unique=False,
            sqlite_where=sa.text("want_seq > nudged_seq"),
            postgresql_where=sa.text("want_seq > nudged_seq"),
        )

    op.create_table(
        "token",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("last_used_at", _BIG, nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
    )
    op.create_table(
        "article",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("department_id", _BIG, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("visibility", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("updated_at", _BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("marks", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_article_department_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_article_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_article_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "effect",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("run_id", _BIG, nullable=True),
        sa.Column("step_id", _BIG, nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("planned_at", _BIG, nullable=False),
        sa.Column("next_at", _BIG, nullable=True),
        sa.Column("attempted_at", _BIG, nullable=True),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("payload", _JSON, nullable=False),
        sa.Column("result", _JSON, nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_effect_ticket_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_effect")),
    )
    with op.batch_alter_table("effect", schema=None) as batch_op:
        batch_op.create_index(
            "ix_effect_next",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index("ix_effect_state", ["state", "key"], unique=False)
        batch_op.create_index("ix_effect_ticket", ["ticket_id", "state"], unique=False)

    op.create_table(
        "handover",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("from_id", _BIG, nullable=True),
        sa.Column("to_id", _BIG, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("offered_at", _BIG, nullable=False),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_handover_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(
            "ix_handover_offered",
            ["to_id"],
            unique=False,
            sqlite_where=sa.text("state = 'offered'"),
            postgresql_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index(batch_op.f("ix_handover_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=64), nullable=False),
        sa.Column("author_kind", sa.String(length=64), nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("author_email", sa.String(length=254), nullable=True),
        sa.Column("to", _JSON, nullable=False),
        sa.Column("cc", _JSON, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("automatic", sa.String(length=64), nullable=True),
        sa.Column("template", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.String(length=998), nullable=True),
        sa.Column("raw", sa.String(length=64), nullable=True),
        sa.Column("delivery", sa.String(length=64), nullable=True),
        sa.Column("delivery_detail", sa.String(), nullable=True),
        sa.Column("effect_key", sa.String(length=200), nullable=True),
        sa.Column("indexed", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_message_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_message_id"), ["message_id"], unique=False)
        batch_op.create_index("ix_message_ticket", ["ticket_id", "id"], unique=False)
        batch_op.create_index(
            "ix_message_unindexed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("NOT indexed"),
            postgresql_where=sa.text("NOT indexed"),
        )

    op.create_table(
        "run",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("version_id", _BIG, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("opened_at", _BIG, nullable=False),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("vars", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_run_ticket_id")),
        sa.ForeignKeyConstraint(["version_id"], ["sop_version.id"], name=op.f("fk_run_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_run_version_id"), ["version_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("message_id", _BIG, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_id", sa.String(), nullable=True),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_attachment_message_id")),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_attachment_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_message_id"), ["message_id"], unique=False)

    op.create_table(
        "message_body",
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("visible", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_body_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_body")),
    )
    op.create_table(
        "step",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", _BIG, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("result", _JSON, nullable=True),
        sa.Column("why", _JSON, nullable=True),
        sa.Column("assignees", _JSON, nullable=False),
        sa.Column("opened_at", _BIG, nullable=False),
        sa.Column("due_at", _BIG, nullable=True),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("awaits", _JSON, nullable=False),
        sa.Column("effect", sa.Boolean(), nullable=False),
        sa.Column("marks", _JSON, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("draft", _JSON, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_step_run_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_step_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("run_id", "path", name=op.f("uq_step_run_id_path")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(
            "ix_step_open",
            ["ticket_id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_step_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "step_duty",
        sa.Column("step_id", _BIG, nullable=False),
        sa.Column("party_kind", sa.String(length=64), nullable=False),
        sa.Column("party_id", _BIG, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("due_at", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_duty_step_id")),
        sa.PrimaryKeyConstraint("step_id", "party_kind", "party_id", name=op.f("pk_step_duty")),
    )
    with op.batch_alter_table("step_duty", schema=None) as batch_op:
        batch_op.create_index("ix_step_duty_party", ["party_kind", "party_id", "due_at"], unique=False)
    _search_tables()


def _search_tables() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search USING fts5"
            "(subject, body, content='', tokenize='unicode61 remove_diacritics 2')"
        )
        return
    op.execute("ALTER TABLE event ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id()")
    op.execute("CREATE INDEX ix_event_xid ON event (xid, id)")
    op.execute(
        "CREATE TABLE message_search (message_id bigint PRIMARY KEY, ticket_id bigint NOT NULL, tsv tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_message_search_tsv ON message_search USING gin (tsv)")


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS " + ("search" if op.get_bind().dialect.name == "sqlite" else "message_search"))
    with op.batch_alter_table("step_duty", schema=None) as batch_op:
        batch_op.drop_index("ix_step_duty_party")

    op.drop_table("step_duty")
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index("ix_step_ticket")
        batch_op.drop_index(
            "ix_step_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )

    op.drop_table("step")
    op.drop_table("message_body")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_message_id"))

    op.drop_table("attachment")
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_version_id"))
        batch_op.drop_index(batch_op.f("ix_run_ticket_id"))

    op.drop_table("run")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_unindexed", sqlite_where=sa.text("NOT indexed"), postgresql_where=sa.text("NOT indexed")
        )
        batch_op.drop_index("ix_message_ticket")
        batch_op.drop_index(batch_op.f("ix_message_message_id"))

    op.drop_table("message")
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_ticket_id"))
        batch_op.drop_index(
            "ix_handover_offered",
            sqlite_where=sa.text("state = 'offered'"),
            postgresql_where=sa.text("state = 'offered'"),
        )

    op.drop_table("handover")
    with op.batch_alter_table("effect", schema=None) as batch_op:
        batch_op.drop_index("ix_effect_ticket")
        batch_op.drop_index("ix_effect_state")
        batch_op.drop_index(
            "ix_effect_next",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("effect")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_article_department_id"))

    op.drop_table("article")
    op.drop_table("token")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_wanted",
            sqlite_where=sa.text("want_seq > nudged_seq"),
            postgresql_where=sa.text("want_seq > nudged_seq"),
        )
        batch_op.drop_index(
            "ix_ticket_unheld",
            sqlite_where=sa.text("queue_key IS NOT NULL AND holder_id IS NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL AND holder_id IS NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_resolved",
            sqlite_where=sa.text("resolved_at IS NOT NULL"),
            postgresql_where=sa.text("resolved_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_queue_team",
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_queue_holder",
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_queue_department",
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_queue",
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_last_queued",
            sqlite_where=sa.text("queue_key IS NOT NULL"),
            postgresql_where=sa.text("queue_key IS NOT NULL"),
        )
        batch_op.drop_index("ix_ticket_last")
        batch_op.drop_index(
            "ix_ticket_due_team",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_due_holder",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_due_department",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_ticket_customer")
        batch_op.drop_index("ix_ticket_created")
        batch_op.drop_index(
            "ix_ticket_alarm",
            sqlite_where=sa.text("alarm_at IS NOT NULL"),
            postgresql_where=sa.text("alarm_at IS NOT NULL"),
        )

    op.drop_table("ticket")
    with op.batch_alter_table("sop_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sop_version_sop_id"))

    op.drop_table("sop_version")
    op.drop_table("person_load")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_person_id"))

    op.drop_table("membership")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_department_id"))

    op.drop_table("team")
    op.drop_table("sop")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_department_id"))

    op.drop_table("person")
    op.drop_table("mail_received")
    op.drop_table("department")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_organisation_id"))
        batch_op.drop_index("ix_customer_name")

    op.drop_table("customer")
    op.drop_table("stream_head")
    op.drop_table("setting")
    op.drop_table("process")
    op.drop_table("organisation")
    op.drop_table("open_count")
    op.drop_table("idempotency")
    op.drop_table("event")
    op.drop_table("caught_mail")
    op.drop_table("calendar")
    op.drop_table("blob")
