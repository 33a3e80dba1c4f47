"""Customers who seem upset, and colleagues whose browser has gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("upset", sa.String(length=64), nullable=True))
    op.add_column("department", sa.Column("upset", _JSON, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("department", sa.Column("gone_minutes", sa.Integer(), server_default=sa.text("15"), nullable=False))
    op.add_column("person", sa.Column("availability_by", sa.String(length=64), nullable=True))
    op.create_table(
        "presence",
        sa.Column("person_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("seen_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_presence")),
    )


def downgrade() -> None:
    op.drop_table("presence")
    op.drop_column("person", "availability_by")
    op.drop_column("department", "gone_minutes")
    op.drop_column("department", "upset")
    op.drop_column("ticket", "upset")
