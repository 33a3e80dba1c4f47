"""Service levels: policies, versions of calendars, the clocks of tickets, watchers, recomputations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _versions(name: str, of: str) -> None:
    op.create_table(
        name,
        sa.Column(f"{of}_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.id"], name=op.f(f"fk_{name}_{of}_id")),
        sa.PrimaryKeyConstraint(f"{of}_id", "number", name=op.f(f"pk_{name}")),
    )


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_policy_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
    )
    op.create_index("ix_policy_department_id", "policy", ["department_id"])
    _versions("policy_version", "policy")
    _versions("calendar_version", "calendar")
    op.execute(
        "INSERT INTO calendar_version (calendar_id, number, data, author_id, at) SELECT id, version, data, NULL, 0 FROM calendar"
    )
    op.create_table(
        "clock",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("started_at", _BIG, nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("pauses", _JSON, nullable=False),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("used", _BIG, nullable=False),
        sa.Column("since", _BIG, nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("tiers", sa.Integer(), nullable=False),
        sa.Column("due_at", _BIG, nullable=True),
        sa.Column("limit_at", _BIG, nullable=True),
        sa.Column("next_at", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_clock_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint("ticket_id", "metric", "visit", name=op.f("uq_clock_ticket_id_metric_visit")),
    )
    running = sa.text("ended_at IS NULL AND due_at IS NOT NULL")
    op.create_index("ix_clock_due", "clock", ["due_at", "ticket_id"], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "watcher",
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_watcher_person_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_watcher_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "person_id", name=op.f("pk_watcher")),
    )
    op.create_index("ix_watcher_person_id", "watcher", ["person_id"])
    op.create_table(
        "reckoning",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("ref_id", _BIG, nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("actor_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("cursor", _BIG, nullable=False),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reckoning")),
    )
    waiting = sa.text("ended_at IS NULL")
    op.create_index("ix_reckoning_open", "reckoning", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.add_column("ticket", sa.Column("policy", sa.String(length=64), nullable=True))
    op.execute(  # tickets that were open before there were clocks get theirs in the background
        "INSERT INTO reckoning (cause, ref_id, at, total, done, changed, cursor)"
        " SELECT 'upgrade', 0, 0, count(*), 0, 0, 0 FROM ticket WHERE queue_key IS NOT NULL HAVING count(*) > 0"
    )


def downgrade() -> None:
    op.drop_column("ticket", "policy")
    for table in ("reckoning", "watcher", "clock", "calendar_version", "policy_version", "policy"):
        op.drop_table(table)
