"""What is outside: linked things, webhooks that came, conversations on plugins' channels, content kept for panels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_UNDONE = sa.text("state <> 'done'")
_WANTED = sa.text("wanted_at IS NOT NULL")
_OPEN = sa.text("open")

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_message",
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("outside_id", sa.String(length=200), nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("plugin", "channel", "outside_id", name=op.f("pk_channel_message")),
    )
    op.create_table(
        "panel_kept",
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("panel", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("subject_id", _BIG, nullable=False),
        sa.Column("content", _JSON, nullable=True),
        sa.Column("at", _BIG, nullable=True),
        sa.Column("wanted_at", _BIG, nullable=True),
        sa.Column("failed_at", _BIG, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("plugin", "panel", "subject", "subject_id", name=op.f("pk_panel_kept")),
    )
    op.create_index(
        "ix_panel_kept_wanted", "panel_kept", ["plugin", "wanted_at"], sqlite_where=_WANTED, postgresql_where=_WANTED
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("webhook", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("headers", _JSON, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", _BIG, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("plugin", "webhook", "key", name=op.f("uq_webhook_delivery_plugin_webhook_key")),
    )
    op.create_index(
        "ix_webhook_delivery_new", "webhook_delivery", ["plugin", "id"], sqlite_where=_UNDONE, postgresql_where=_UNDONE
    )
    op.create_table(
        "webhook_state",
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("webhook", sa.String(length=64), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("taken_at", _BIG, nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refused_at", _BIG, nullable=True),
        sa.Column("refused_why", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("plugin", "webhook", name=op.f("pk_webhook_state")),
    )
    op.create_table(
        "channel_thread",
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("thread", sa.String(length=200), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_channel_thread_customer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_channel_thread_ticket_id")),
        sa.PrimaryKeyConstraint("plugin", "channel", "thread", name=op.f("pk_channel_thread")),
    )
    op.create_index("ix_channel_thread_sender", "channel_thread", ["plugin", "channel", "sender"])
    op.create_index(op.f("ix_channel_thread_ticket_id"), "channel_thread", ["ticket_id"])
    op.create_table(
        "link",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("run_id", _BIG, nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("known", _JSON, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("known_at", _BIG, nullable=True),
        sa.Column("seen_at", _BIG, nullable=False),
        sa.Column("made_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_link_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint(
            "plugin", "ref", "ticket_id", "run_id", "path", name=op.f("uq_link_plugin_ref_ticket_id_run_id_path")
        ),
    )
    op.create_index("ix_link_open", "link", ["plugin", "seen_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_link_ticket", "link", ["ticket_id", "id"])
    op.create_table(
        "link_comment",
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("outside_id", sa.String(length=200), nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_link_comment_ticket_id")),
        sa.PrimaryKeyConstraint("plugin", "ref", "outside_id", "ticket_id", name=op.f("pk_link_comment")),
    )
    op.add_column("plugin", sa.Column("offers", _JSON, server_default="{}", nullable=False))
    op.add_column("plugin_state", sa.Column("keep_at", _BIG, nullable=True))
    op.add_column("plugin_state", sa.Column("keep_tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("plugin_state", sa.Column("kept_at", _BIG, nullable=True))
    op.add_column("plugin_state", sa.Column("keep_ok", sa.Boolean(), nullable=True))
    op.add_column("plugin_state", sa.Column("keep_words", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("plugin_state", "keep_words")
    op.drop_column("plugin_state", "keep_ok")
    op.drop_column("plugin_state", "kept_at")
    op.drop_column("plugin_state", "keep_tries")
    op.drop_column("plugin_state", "keep_at")
    op.drop_column("plugin", "offers")
    op.drop_table("link_comment")
    op.drop_table("link")
    op.drop_table("channel_thread")
    op.drop_table("webhook_state")
    op.drop_table("webhook_delivery")
    op.drop_table("panel_kept")
    op.drop_table("channel_message")
