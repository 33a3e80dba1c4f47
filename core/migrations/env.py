"""Alembic's way in: it is given an open connection by `core.upgrading`, never a URL of its own."""

from alembic import context

from core.schema import Base

_SEARCH = (
    "search",
    "message_search",
)  # searchable text is written by hand in migrations: batch mode drops FTS5's shadow tables


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    return not (kind in {"table", "index"} and (name or "").removeprefix("ix_").startswith(_SEARCH)) and name not in {
        "xid",
        "ix_event_xid",
    }


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    include_object=_ours,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
