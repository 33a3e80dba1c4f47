"""Plugins: what each registered, its switch and settings, how it fares, the events it could not take; which plugin performs an effect."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_OPEN = sa.text("plugin IS NOT NULL AND ended_at IS NULL")

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plugin",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("source", _JSON, nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("off_reason", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("actions", _JSON, nullable=False),
        sa.Column("declared", _JSON, nullable=False),
        sa.Column("hooks", _JSON, nullable=False),
        sa.Column("settings", _JSON, nullable=False),
        sa.Column("secrets", _JSON, nullable=False),
        sa.Column("published_at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugin")),
    )
    op.create_table(
        "plugin_state",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("recent_ms", _JSON, nullable=False),
        sa.Column("replaced", _JSON, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", _BIG, nullable=True),
        sa.Column("last_error_ticket", _BIG, nullable=True),
        sa.Column("position_xid", _BIG, nullable=False),
        sa.Column("position_id", _BIG, nullable=False),
        sa.Column("trying", _BIG, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("check_asked_at", _BIG, nullable=True),
        sa.Column("checked_at", _BIG, nullable=True),
        sa.Column("check_ok", sa.Boolean(), nullable=True),
        sa.Column("check_words", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugin_state")),
    )
    op.create_table(
        "plugin_parked",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("event_id", _BIG, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_parked")),
        sa.UniqueConstraint("plugin", "event_id", name=op.f("uq_plugin_parked_plugin_event_id")),
    )
    op.create_index("ix_plugin_parked_plugin", "plugin_parked", ["plugin", "id"])
    op.add_column("effect", sa.Column("plugin", sa.String(length=64), nullable=True))
    op.create_index("ix_effect_plugin", "effect", ["plugin"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_effect_plugin", table_name="effect")
    with op.batch_alter_table("effect") as table:
        table.drop_column("plugin")
    op.drop_table("plugin_parked")
    op.drop_table("plugin_state")
    op.drop_table("plugin")
