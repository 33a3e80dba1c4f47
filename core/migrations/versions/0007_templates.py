"""Templates as team leads edited them; a mail to a person may carry its own words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template_version",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("department_id", _BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("audience", sa.String(length=64), nullable=False),
        sa.Column("texts", _JSON, nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_version")),
        sa.UniqueConstraint(
            "department_id", "name", "number", name=op.f("uq_template_version_department_id_name_number")
        ),
    )
    op.add_column("person_mail", sa.Column("words", _JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("person_mail", "words")
    op.drop_table("template_version")
