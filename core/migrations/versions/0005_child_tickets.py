"""Child tickets: which ticket was opened by which step of which other one."""

import sqlalchemy as sa
from alembic import op

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "child_ticket",
        sa.Column("child_id", _BIG, sa.ForeignKey("ticket.id", name="fk_child_ticket_child_id"), nullable=False),
        sa.Column("parent_id", _BIG, sa.ForeignKey("ticket.id", name="fk_child_ticket_parent_id"), nullable=False),
        sa.Column("run_id", _BIG, nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("child_id", name="pk_child_ticket"),
    )
    op.create_index("ix_child_ticket_parent_id", "child_ticket", ["parent_id"])


def downgrade() -> None:
    op.drop_table("child_ticket")
