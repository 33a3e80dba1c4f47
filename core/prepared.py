"""How does a statement that runs for every ticket run cheaply? Compiled once, then handed straight to the driver.

SQLAlchemy's own way through `Connection.execute` costs some fifty microseconds of processor time for each statement; a ticket that opens takes
twenty-five. A prepared statement is an ordinary one of SQLAlchemy Core, with its types and in the same transaction; only the way to the driver
is short. Lists of values of unknown length (`IN`) are for `Connection.execute`.
"""

from __future__ import annotations

from collections import namedtuple
from operator import itemgetter
from types import NoneType
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.sql.dml import Insert, UpdateBase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect
    from sqlalchemy.types import TypeEngine

    Processor = Callable[[Any], Any] | None


class Prepared:
    """A statement of SQLAlchemy Core; `names` are the columns that an INSERT fills (else those of its `values`)."""

    __slots__ = ("_made", "names", "statement")

    def __init__(self, statement: Any, names: Sequence[str] | None = None) -> None:
        self.statement = statement
        self.names = names
        self._made: dict[str, _Compiled] = {}

    def all(self, tx: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Every row, as named tuples."""
        made = self._for(tx)
        return made.rows(_execute(tx, made, made.bound(values)).fetchall())

    def first(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        """The first row, as a named tuple, or None."""
        made = self._for(tx)
        row = _execute(tx, made, made.bound(values)).fetchone()
        return None if row is None else made.rows((row,))[0]

    def one(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        """The row that must be there."""
        row = self.first(tx, values)
        if row is None:
            raise NoResultFound("No row was found when one was required")
        return row

    def scalar(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        """The first value of the first row, or None."""
        made = self._for(tx)
        row = _execute(tx, made, made.bound(values)).fetchone()
        return None if row is None else made.value(row)

    def run(self, tx: Connection, values: Mapping[str, Any]) -> int:
        """How many rows were changed."""
        made = self._for(tx)
        n: int = _execute(tx, made, made.bound(values)).rowcount
        return n

    def run_many(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """The statement once for each of these rows."""
        if len(rows) == 1:
            self.run(tx, rows[0])
        elif rows:
            made = self._for(tx)
            _execute(tx, made, [made.bound(row) for row in rows], many=True)

    def _for(self, tx: Connection) -> _Compiled:
        dialect = tx.dialect
        made = self._made.get(dialect.name)
        if made is None:
            made = self._made[dialect.name] = _Compiled(self.statement, self.names, dialect)
        return made


class _Compiled:
    """A statement as one database's driver takes it."""

    __slots__ = ("_columns", "_conversions", "_gather", "_names", "_own", "_positional", "_row", "sql")

    def __init__(self, statement: Any, names: Sequence[str] | None, dialect: Dialect) -> None:
        if isinstance(statement, Insert) and not statement._returning:  # noqa: SLF001 -- else PostgreSQL is asked for keys that nobody reads
            statement = statement.inline()
        compiled = statement.compile(dialect=dialect, column_keys=list(names) if names is not None else None)
        known = compiled.construct_params(_check=False)
        own = _defaults(compiled)
        self._positional = bool(compiled.positional)
        self.sql = str(compiled)
        self._own: dict[str, Any] = {}  # the statement's own values
        self._conversions: list[tuple[int, Callable[[Any], Any]]] = []
        self._names = tuple(compiled.positiontup or compiled.bind_names.values())
        for place, name in enumerate(self._names):
            bind = compiled.binds[name]
            if bind.expanding or bind.literal_execute:
                raise TypeError(f"a prepared statement takes no list of unknown length: {self.sql}")
            if name in own or not bind.required:
                self._own[name] = own.get(name, known.get(name))
            if (convert := _into(bind.type, dialect)) is not None:
                self._conversions.append((place, convert))
        self._gather = itemgetter(*self._names, "") if self._names else _nothing  # the name "" makes it a tuple always
        columns = _columns(statement)
        row: Any = namedtuple("Row", [name for name, _type in columns], rename=True)  # type: ignore[misc]
        self._row = row._make
        self._columns = [
            (i, convert) for i, (_n, kind) in enumerate(columns) if (convert := _out_of(kind, dialect)) is not None
        ]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values in the driver's form and order. A value given stands before the statement's own."""
        cells: Any = self._gather({"": None, **self._own, **values})[:-1]
        if self._conversions:
            cells = list(cells)
            for place, convert in self._conversions:
                cells[place] = convert(cells[place])
        return cells if self._positional else dict(zip(self._names, cells, strict=True))

    def value(self, row: Sequence[Any]) -> Any:
        """The first value of a row."""
        return self._columns[0][1](row[0]) if self._columns and self._columns[0][0] == 0 else row[0]

    def rows(self, found: Sequence[Any]) -> list[Any]:
        if not self._columns:
            return [self._row(row) for row in found]
        rows = []
        for row in found:
            cells = list(row)
            for i, convert in self._columns:
                cells[i] = convert(cells[i])
            rows.append(self._row(cells))
        return rows


def _nothing(_values: Mapping[str, Any]) -> tuple[None]:
    return (None,)


def _defaults(compiled: Any) -> dict[str, Any]:
    found = {}
    for column in compiled.insert_prefetch:
        if not column.default.is_scalar:
            raise TypeError(f"give a value for {column}: its default is made anew each time")
        found[column.key] = column.default.arg
    return found


def _columns(statement: Any) -> list[tuple[str, TypeEngine[Any]]]:
    if isinstance(statement, UpdateBase):
        return [(str(one["name"]), one["type"]) for one in statement.returning_column_descriptions]
    return [(str(column.key), column.type) for column in statement.selected_columns]


def _into(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    if convert is None or not isinstance(kind, JSON):
        return convert
    blank = {list: convert([]), dict: convert({}), NoneType: convert(None)}  # four of five JSON columns hold nothing

    def into_json(value: Any) -> Any:
        return convert(value) if value or type(value) not in blank else blank[type(value)]

    return into_json


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _execute(tx: Connection, made: _Compiled, values: Any, *, many: bool = False) -> Any:
    if not tx.in_transaction():
        tx.begin()  # a block that reads sees one moment from its first statement on
    cursor = tx.connection.cursor()
    for listener in tx.engine.dispatch.before_cursor_execute:
        listener(tx, cursor, made.sql, values, None, many)
    try:
        (cursor.executemany if many else cursor.execute)(made.sql, values)
    except Exception as error:
        driver = tx.dialect.loaded_dbapi.Error
        if not isinstance(error, driver):
            raise
        raise DBAPIError.instance(made.sql, values, error, driver, dialect=tx.dialect) from error
    return cursor
