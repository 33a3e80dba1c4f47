"""Figures of days, and when a promise was broken."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MET, _BREACHED = sa.text("state = 'met'"), sa.text("state = 'breached'")
_COUNTS = ("came", "solved", "first_n", "kept", "broken", "present")

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_day",
        sa.Column("department_id", _BIG, nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("ref_id", _BIG, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS[:3]),
        sa.Column("first_p50", _BIG, nullable=True),
        sa.Column("first_p90", _BIG, nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS[3:]),
        sa.Column("data", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("department_id", "scope", "ref_id", "day", name=op.f("pk_figure_day")),
    )
    op.create_table(
        "figure_present",
        sa.Column("department_id", _BIG, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("department_id", "day", "person_id", name=op.f("pk_figure_present")),
    )
    op.create_table(
        "figure_stale",
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("zone", "day", name=op.f("pk_figure_stale")),
    )
    op.create_table(
        "figure_reader",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position_xid", _BIG, nullable=False),
        sa.Column("position_id", _BIG, nullable=False),
        sa.Column("zones", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_reader")),
    )
    op.add_column("clock", sa.Column("broken_at", _BIG, nullable=True))
    _say_when_broken()
    op.create_index("ix_clock_kept", "clock", ["ended_at", "ticket_id"], sqlite_where=_MET, postgresql_where=_MET)
    op.create_index(
        "ix_clock_broken", "clock", ["broken_at", "ticket_id"], sqlite_where=_BREACHED, postgresql_where=_BREACHED
    )


def _say_when_broken() -> None:
    """The moment stands in the event that called the breach out: the last one, should another promise have forgiven an earlier one."""
    bind = op.get_bind()
    moments = {}
    for ticket, data in bind.execute(
        sa.text("SELECT stream_id, data FROM event WHERE kind = 'clock.breached' AND stream = 'ticket' ORDER BY id")
    ):
        told = json.loads(data) if isinstance(data, str) else data
        if told.get("tier") == 1:
            moments[ticket, told["metric"], told["visit"]] = told["due_at"]
    broken = sa.text(
        "UPDATE clock SET broken_at = :at WHERE ticket_id = :ticket AND metric = :metric AND visit = :visit AND tiers > 0"
    )
    rows = [{"ticket": t, "metric": m, "visit": v, "at": at} for (t, m, v), at in moments.items()]
    if rows:
        bind.execute(broken, rows)


def downgrade() -> None:
    op.drop_index("ix_clock_broken", "clock")
    op.drop_index("ix_clock_kept", "clock")
    op.drop_column("clock", "broken_at")
    for table in ("figure_reader", "figure_stale", "figure_present", "figure_day"):
        op.drop_table(table)
