"""What surveys have asked, and how customers rated."""

import sqlalchemy as sa
from alembic import op

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("step_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("asked_at", _BIG, nullable=False),
        sa.Column("rated_at", _BIG, nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("message_id", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_survey_customer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_survey_ticket_id")),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_survey")),
    )
    op.create_index("ix_survey_ticket_id", "survey", ["ticket_id"])


def downgrade() -> None:
    op.drop_table("survey")
