"""Boxes that plugins fill on a page: kept content, renewed when somebody looks at it and it is old. A page never waits for a plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.actors import Actor
from core.database import is_sqlite
from core.errors import NotFound
from core.moments import now_ms
from core.plugins.health import note
from core.plugins.labels import said
from core.plugins.registry import PluginRow, plugin, plugins
from core.plugins.seeing import customer_json, ticket_json
from core.plugins.settings import missing, settings_of
from core.schema import PanelKept
from core.service_class import change_class
from core.tickets.rows import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.database import Database
    from core.plugins.asking import Caller
    from core.settings import Settings

SUGGESTING = ("suggest_articles", "suggest_replies", "suggest_sops")
SUGGESTIONS_REFRESH = 900.0  # seconds
AGAIN_MS = 30_000  # after a failure nobody is asked again sooner
_k = PanelKept.__table__.c
_OF = select(_k.plugin, _k.panel, _k.content, _k.at, _k.wanted_at, _k.failed_at, _k.failure).where(
    _k.subject == bindparam("subject"), _k.subject_id == bindparam("id")
)
_WANTED = (
    select(_k.panel, _k.subject, _k.subject_id)
    .where(_k.plugin == bindparam("plugin"), _k.wanted_at.is_not(None))
    .order_by(_k.wanted_at)
    .limit(1)
)
_WANTING = select(_k.plugin).where(_k.wanted_at.is_not(None)).distinct()


@dataclass(frozen=True, slots=True)
class Box:
    """A box as it is shown. `content` is the last good one, of the moment `at`; `failure` is why the newest try brought none."""

    plugin: str
    panel: str
    title: str
    content: dict[str, Any] | None
    at: int | None
    failure: str | None
    waiting: bool

    @property
    def groups(self) -> dict[str, list[dict[str, Any]]]:
        """Its facts under the names of their groups, both in the order in which the plugin gave them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for fact in (self.content or {}).get("facts", ()):
            found.setdefault(fact["group"], []).append(fact)
        return found


@dataclass(frozen=True, slots=True)
class _Declared:
    plugin: str
    panel: str
    title: str
    refresh: float


def _declared(tx: Connection, subject: str) -> list[_Declared]:
    """Every box that plugins which work offer for this kind of page, suggestions included."""
    found = list[_Declared]()
    for row in plugins(tx):
        if not row.works:
            continue
        found += [
            _Declared(row.name, one["name"], said(one["title"]), float(one["refresh"]))
            for one in row.offered("panels")
            if one["where"] == subject
        ]
        if subject == "ticket":
            found += [_Declared(row.name, hook, "", SUGGESTIONS_REFRESH) for hook in SUGGESTING if hook in row.hooks]
    return found


def boxes(tx: Connection, subject: str, subject_id: int) -> list[Box]:
    """The boxes of a ticket's or a customer's page, with what is known now; two statements."""
    declared = _declared(tx, subject)
    if not declared:
        return []
    kept = {(row.plugin, row.panel): row for row in tx.execute(_OF, {"subject": subject, "id": subject_id})}
    return [_box(one, kept.get((one.plugin, one.panel))) for one in declared]


def _box(one: _Declared, row: Any) -> Box:
    if row is None:
        return Box(one.plugin, one.panel, one.title, None, None, None, True)
    return Box(one.plugin, one.panel, one.title, _spoken(row.content), row.at, row.failure, row.wanted_at is not None)


def _spoken(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """A content in the reader's language."""
    if not content or "facts" not in content:
        return content
    facts = [{**one, **{part: said(one[part]) for part in ("label", "value", "group")}} for one in content["facts"]]
    return {**content, "facts": facts, "note": said(content.get("note"))}


def stale(tx: Connection, subject: str, subject_id: int, now: int) -> list[tuple[str, str]]:
    """(plugin, panel) of boxes whose content is old, or was never asked for."""
    declared = _declared(tx, subject)
    if not declared:
        return []
    kept = {(row.plugin, row.panel): row for row in tx.execute(_OF, {"subject": subject, "id": subject_id})}
    found = []
    for one in declared:
        row = kept.get((one.plugin, one.panel))
        if row is not None and row.wanted_at is not None:
            continue
        newest = max(row.at or 0, (row.failed_at or 0) + AGAIN_MS - int(one.refresh * 1000)) if row else 0
        if row is None or now - newest >= one.refresh * 1000:
            found.append((one.plugin, one.panel))
    return found


def want_boxes(tx: Connection, subject: str, subject_id: int, wanted: Sequence[tuple[str, str]], now: int) -> None:
    """Somebody looks at these boxes: the host renews them."""
    dialect = sqlite if is_sqlite(tx) else postgresql
    for owner, panel in wanted:
        key = {"plugin": owner, "panel": panel, "subject": subject, "subject_id": subject_id}
        statement = dialect.insert(PanelKept.__table__).values(**key, wanted_at=now)
        tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"wanted_at": now}))


def with_wanted_boxes(tx: Connection) -> set[str]:
    """Plugins whose boxes somebody waits for."""
    return set(tx.execute(_WANTING).scalars())


def renew_box(database: Database, settings: Settings, caller: Caller, name: str) -> bool:
    """Ask the plugin for the box that is waited for longest. True: there may be more."""
    with database.read() as tx:
        row = plugin(tx, name)
        wanted = tx.execute(_WANTED, {"plugin": name}).first()
        if row is None or not row.works or wanted is None:
            return False
        try:
            question, problem = _question(tx, settings, row, wanted), missing(settings, row)
        except NotFound as gone:
            question, problem = {}, str(gone)
    if problem:
        with database.write() as tx:
            _keep(tx, name, wanted, failed_at=now_ms(), failure=problem)
        return True
    with caller.slot(name):
        answer = caller.ask(row.source, {**question, "settings": settings_of(settings, row)})
    ticket = wanted.subject_id if wanted.subject == "ticket" else None
    with database.write() as tx:
        note(tx, name, answer, now_ms(), ticket)
        if answer.ok:
            _keep(tx, name, wanted, content=answer.value, at=now_ms(), failed_at=None, failure=None)
            _classify(tx, name, wanted, answer.value or {})
        else:
            _keep(tx, name, wanted, failed_at=now_ms(), failure=(answer.detail or answer.how)[:1000])
    return True


def _question(tx: Connection, settings: Settings, row: PluginRow, wanted: Any) -> dict[str, Any]:
    if wanted.subject == "customer":
        them = customer_json(tx, wanted.subject_id)
        return {"do": "panel", "hook": "customer_panel", "panel": wanted.panel, "customer": them}
    hook = wanted.panel if wanted.panel in SUGGESTING else "ticket_panel"
    ticket = ticket_json(tx, settings, read(tx, wanted.subject_id), row.name)
    return {"do": "panel", "hook": hook, "panel": wanted.panel, "ticket": ticket}


def _classify(tx: Connection, name: str, wanted: Any, content: Mapping[str, Any]) -> None:
    """The system that the plugin asks says of which class the customer is."""
    if klass := content.get("customer_class"):
        customer = wanted.subject_id if wanted.subject == "customer" else read(tx, wanted.subject_id).customer_id
        change_class(tx, Actor("plugin", name=name), customer, str(klass), now_ms())


def _keep(tx: Connection, name: str, wanted: Any, **values: Any) -> None:
    where = (_k.plugin == name, _k.panel == wanted.panel)
    statement = update(PanelKept.__table__).where(
        *where, _k.subject == wanted.subject, _k.subject_id == wanted.subject_id
    )
    tx.execute(statement.values(wanted_at=None, **values))
