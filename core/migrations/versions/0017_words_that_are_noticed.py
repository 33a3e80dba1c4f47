"""Rules over the words of customers' messages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "word_rule",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("department_id", _BIG, nullable=True),
        sa.Column("team_id", _BIG, nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_word_rule_department_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_word_rule_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_rule")),
    )
    op.create_index("ix_word_rule_department_id", "word_rule", ["department_id"])
    op.create_table(
        "word_rule_version",
        sa.Column("rule_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["word_rule.id"], name=op.f("fk_word_rule_version_rule_id")),
        sa.PrimaryKeyConstraint("rule_id", "number", name=op.f("pk_word_rule_version")),
    )


def downgrade() -> None:
    op.drop_table("word_rule_version")
    op.drop_table("word_rule")
