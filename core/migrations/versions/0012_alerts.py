"""Alerts: rules, what was called out, who was told, and what watchers want to hear of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_UNREAD = sa.text("read_at IS NULL")
_EVERYTHING = sa.text("""'["replied", "resolved", "reopened"]'""")

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("team_id", _BIG, nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_alert_rule_department_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_alert_rule_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
    )
    op.create_index("ix_alert_rule_department_id", "alert_rule", ["department_id"])
    op.create_table(
        "alert_rule_version",
        sa.Column("rule_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rule.id"], name=op.f("fk_alert_rule_version_rule_id")),
        sa.PrimaryKeyConstraint("rule_id", "number", name=op.f("pk_alert_rule_version")),
    )
    op.create_table(
        "alert",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("rule_id", _BIG, nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("ticket_id", _BIG, nullable=True),
        sa.Column("team_id", _BIG, nullable=True),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_alert_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_key")),
    )
    op.create_index("ix_alert_ticket_id", "alert", ["ticket_id"])
    op.create_table(
        "alert_notice",
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("alert_id", _BIG, nullable=False),
        sa.Column("read_at", _BIG, nullable=True),
        sa.Column("mail", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_notice_alert_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_alert_notice_person_id")),
        sa.PrimaryKeyConstraint("person_id", "alert_id", name=op.f("pk_alert_notice")),
    )
    op.create_index("ix_alert_notice_mail", "alert_notice", ["mail"])
    op.create_index(
        "ix_alert_notice_unread", "alert_notice", ["person_id"], sqlite_where=_UNREAD, postgresql_where=_UNREAD
    )
    op.create_table(
        "alert_state",
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("deed_at", _BIG, nullable=False),
        sa.Column("next_at", _BIG, nullable=True),
        sa.Column("silenced_at", _BIG, nullable=True),
        sa.Column("silenced_by", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_alert_state_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_alert_state")),
    )
    op.create_table(
        "alert_level",
        sa.Column("rule_id", _BIG, nullable=False),
        sa.Column("above", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("spell", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rule.id"], name=op.f("fk_alert_level_rule_id")),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_alert_level")),
    )
    with op.batch_alter_table("watcher") as batch:
        batch.add_column(sa.Column("hears", _JSON, server_default=_EVERYTHING, nullable=False))
        batch.add_column(sa.Column("how", sa.String(length=64), server_default="page", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("watcher") as batch:
        batch.drop_column("how")
        batch.drop_column("hears")
    for table in ("alert_level", "alert_state", "alert_notice", "alert", "alert_rule_version", "alert_rule"):
        op.drop_table(table)
