"""What is learnt: versions of articles, words by which articles and solved tickets are found, indexes for the figures of procedures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_DEVIATED = sa.text("kind = 'sop.deviated'")
_UNINDEXED = sa.text("NOT indexed")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("published_version", sa.Integer(), nullable=True))
    op.add_column("article", sa.Column("indexed", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_index("ix_article_unindexed", "article", ["id"], sqlite_where=_UNINDEXED, postgresql_where=_UNINDEXED)
    op.execute("UPDATE article SET published_version = version WHERE state = 'published'")
    op.create_table(
        "article_version",
        sa.Column("article_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("author_id", _BIG, nullable=True),
        sa.Column("at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_version_article_id")),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_article_version")),
    )
    op.execute(
        "INSERT INTO article_version (article_id, number, title, body, visibility, language, author_id, at)"
        " SELECT id, version, title, body, visibility, language, author_id, updated_at FROM article"
    )
    op.create_table(
        "solved",
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("resolved_at", _BIG, nullable=False),
        sa.Column("words", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_solved_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_solved")),
    )
    op.create_index("ix_solved_resolved", "solved", ["resolved_at", "ticket_id"])
    op.create_table(
        "solved_word",
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_solved_word")),
    )
    op.create_index("ix_event_deviated", "event", ["stream_id"], sqlite_where=_DEVIATED, postgresql_where=_DEVIATED)
    op.create_index("ix_run_version", "run", ["version_id", "id"])
    op.drop_index("ix_run_version_id", table_name="run")
    for name, key in (("search_solved", "ticket_id"), ("search_article", "article_id")):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"CREATE VIRTUAL TABLE {name} USING fts5(subject, body, detail=column, tokenize='unicode61')")
        else:
            op.execute(f"CREATE TABLE {name} ({key} bigint PRIMARY KEY, tsv tsvector NOT NULL)")
            op.execute(f"CREATE INDEX ix_{name}_tsv ON {name} USING gin (tsv)")


def downgrade() -> None:
    op.execute("DROP TABLE search_article")
    op.execute("DROP TABLE search_solved")
    op.create_index("ix_run_version_id", "run", ["version_id"])
    op.drop_index("ix_run_version", table_name="run")
    op.drop_index("ix_event_deviated", table_name="event")
    op.drop_table("solved_word")
    op.drop_index("ix_solved_resolved", table_name="solved")
    op.drop_table("solved")
    op.drop_table("article_version")
    op.drop_index("ix_article_unindexed", table_name="article")
    with op.batch_alter_table("article") as table:
        table.drop_column("indexed")
        table.drop_column("published_version")
