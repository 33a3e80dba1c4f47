"""Routing: rules with their versions, skills, limits and ways of teams and people, tickets that could not be placed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_EMPTY = sa.text("'{}'")

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing_rule",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("gives", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_routing_rule_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rule")),
    )
    op.create_table(
        "routing_rule_version",
        sa.Column("rule_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("gives", _JSON, nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "number", name=op.f("pk_routing_rule_version")),
    )
    op.create_table(
        "routing_set",
        sa.Column("number", _BIG, autoincrement=True, nullable=False),
        sa.Column("rules", _JSON, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_routing_set")),
    )
    op.create_table(
        "skill",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("name", name=op.f("uq_skill_name")),
    )
    op.create_table(
        "person_skill",
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("skill_id", _BIG, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_skill_person_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_person_skill_skill_id")),
        sa.PrimaryKeyConstraint("person_id", "skill_id", name=op.f("pk_person_skill")),
    )
    op.create_table(
        "unplaced",
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_unplaced_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_unplaced")),
    )
    op.add_column("team", sa.Column("queue_order", sa.String(length=64), nullable=True))
    op.add_column("team", sa.Column("routing", _JSON, server_default=_EMPTY, nullable=False))
    op.add_column("person", sa.Column("routing", _JSON, server_default=_EMPTY, nullable=False))
    op.add_column("person", sa.Column("availability_at", _BIG, nullable=True))
    op.create_index("ix_open_count_holder_id", "open_count", ["holder_id"])


def downgrade() -> None:
    op.drop_index("ix_open_count_holder_id", "open_count")
    op.drop_column("person", "availability_at")
    op.drop_column("person", "routing")
    op.drop_column("team", "routing")
    op.drop_column("team", "queue_order")
    for table in ("unplaced", "person_skill", "skill", "routing_set", "routing_rule_version", "routing_rule"):
        op.drop_table(table)
