"""Closed departments and teams, customer classes, domains of organisations, and the address a ticket was written to."""

import sqlalchemy as sa
from alembic import op

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CLOSABLE = ("department", "team", "organisation")

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in _CLOSABLE:
        op.add_column(table, sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("ticket", sa.Column("mailbox", sa.String(length=254), nullable=True))
    op.create_table(
        "customer_class",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_class")),
        sa.UniqueConstraint("name", name=op.f("uq_customer_class_name")),
    )
    op.create_table(
        "organisation_domain",
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("organisation_id", _BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_domain_organisation_id")
        ),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_organisation_domain")),
    )
    op.create_index("ix_organisation_domain_organisation_id", "organisation_domain", ["organisation_id"])
    op.execute("INSERT INTO customer_class (name, title) VALUES ('standard', 'Standard'), ('vip', 'VIP')")
    op.execute(  # classes that customers and organisations have already
        "INSERT INTO customer_class (name, title) SELECT klass, klass FROM customer UNION SELECT klass, klass FROM organisation"
        " EXCEPT SELECT name, name FROM customer_class"
    )


def downgrade() -> None:
    op.drop_table("organisation_domain")
    op.drop_table("customer_class")
    op.drop_column("ticket", "mailbox")
    for table in reversed(_CLOSABLE):
        op.drop_column(table, "active")
