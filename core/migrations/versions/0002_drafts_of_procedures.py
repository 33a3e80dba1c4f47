"""Drafts of procedures: numbered saves, test cases beside the text, who wrote, asked and published."""

import sqlalchemy as sa
from alembic import op

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('draft', 'in_review')")
_RUNNING = sa.text("state = 'running'")
_IDS = ("base_id", "changed_at", "changed_by_id", "asked_by_id", "published_by_id")

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sop_version", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sop_version", sa.Column("cases", sa.Text(), nullable=False, server_default=""))
    for name in _IDS:
        op.add_column("sop_version", sa.Column(name, _BIG, nullable=True))
    op.add_column("sop_version", sa.Column("coverage", sa.Integer(), nullable=True))
    op.create_index("uq_sop_version_number", "sop_version", ["sop_id", "number"], unique=True)
    op.create_index(
        "uq_sop_version_draft", "sop_version", ["sop_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index("ix_run_running", "run", ["version_id"], sqlite_where=_RUNNING, postgresql_where=_RUNNING)


def downgrade() -> None:
    op.execute("DELETE FROM sop_version WHERE state IN ('draft', 'in_review')")  # the older program knows no drafts
    op.drop_index("ix_run_running", table_name="run")
    op.drop_index("uq_sop_version_draft", table_name="sop_version")
    op.drop_index("uq_sop_version_number", table_name="sop_version")
    with op.batch_alter_table("sop_version") as table:
        for name in ("coverage", *reversed(_IDS), "cases", "revision"):
            table.drop_column(name)
