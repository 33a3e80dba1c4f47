"""Mails to persons that belong to no ticket: a forgotten password."""

import sqlalchemy as sa
from alembic import op

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("next_at IS NOT NULL")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_mail",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("notice", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("planned_at", _BIG, nullable=False),
        sa.Column("next_at", _BIG, nullable=True),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_mail_person_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_person_mail")),
    )
    op.create_index("ix_person_mail_next", "person_mail", ["next_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_table("person_mail")
