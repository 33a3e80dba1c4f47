"""Tickets that are there meet changed rules again: jobs, and what each did to which ticket."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rerouting",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("chosen", _JSON, nullable=False),
        sa.Column("rules", _BIG, nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("actor_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("upto", _BIG, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), server_default="running", nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("cursor", _BIG, nullable=False),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("ended_by", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_rerouting_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rerouting")),
    )
    op.create_index(
        "uq_rerouting_open",
        "rerouting",
        ["state"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "rerouted",
        sa.Column("job_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("ticket_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("rule_id", _BIG, nullable=True),
        sa.Column("moved", _JSON, nullable=False),
        sa.Column("refused", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["rerouting.id"], name=op.f("fk_rerouted_job_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_rerouted_ticket_id")),
        sa.PrimaryKeyConstraint("job_id", "ticket_id", name=op.f("pk_rerouted")),
    )


def downgrade() -> None:
    op.drop_table("rerouted")
    op.drop_table("rerouting")
