import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, NoResultFound, OperationalError, ProgrammingError

from core.prepared import Prepared

_tables = MetaData()
_things = Table(
    "prepared_things",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), unique=True),
    Column("old", Boolean, nullable=False, default=False),
    Column("data", JSON),
    Column("n", Integer),
)
_c = _things.c
ADD = Prepared(insert(_things).returning(_c.id), ["name", "data"])
ADD_PLAIN = Prepared(insert(_things), ["id", "name", "data", "n"])
FIND = Prepared(select(_c.name, _c.old, _c.data, _c.n.label("many")).where(_c.name == bindparam("name")).limit(1))
COUNT = Prepared(update(_things).where(_c.name == bindparam("b_name")).values(n=func.coalesce(_c.n, 0) + 1, old=True))


@pytest.fixture
def things(any_database):
    with any_database.write() as tx:
        _tables.create_all(tx)
    yield any_database
    with any_database.write() as tx:
        _tables.drop_all(tx)


def test_types_go_both_ways(things):
    with things.write() as tx:
        assert ADD.scalar(tx, {"name": "a", "data": {"words": ["é", None]}}) == 1
        assert COUNT.run(tx, {"b_name": "a"}) == 1
        assert COUNT.run(tx, {"b_name": "nobody"}) == 0
    with things.read() as tx:
        row = FIND.one(tx, {"name": "a"})
        assert (row.name, row.old, row.data, row.many) == ("a", True, {"words": ["é", None]}, 1)
        assert row.old is True
        assert tx.execute(FIND.statement, {"name": "a"}).one() == row, "the long way finds the same"
        assert FIND.first(tx, {"name": "b"}) is None
        assert FIND.scalar(tx, {"name": "a"}) == "a"
        with pytest.raises(NoResultFound):
            FIND.one(tx, {"name": "b"})


def test_many_rows_are_written(things):
    with things.write() as tx:
        ADD_PLAIN.run_many(tx, [{"id": n, "name": f"t{n}", "data": [n], "n": None} for n in range(3)])
        ADD_PLAIN.run_many(tx, [])
        ADD_PLAIN.run_many(tx, [{"id": 9, "name": "t9", "data": None, "n": 4}])
        rows = Prepared(select(_c.id, _c.data).order_by(_c.id)).all(tx, {})
    assert rows == [(0, [0]), (1, [1]), (2, [2]), (9, None)]


def test_errors_are_those_of_the_long_way(things):
    with pytest.raises(IntegrityError):
        _add_twice(things)
    with things.read() as tx:
        assert FIND.first(tx, {"name": "same"}) is None, "all of the transaction was taken back"
    with pytest.raises(KeyError), things.read() as tx:
        FIND.first(tx, {})
    nowhere = Prepared(select(Table("nowhere", MetaData(), Column("id", Integer)).c.id))
    with pytest.raises((OperationalError, ProgrammingError)), things.read() as tx:
        nowhere.all(tx, {})


def _add_twice(things):
    with things.write() as tx:
        ADD.scalar(tx, {"name": "same", "data": {}})
        ADD.scalar(tx, {"name": "same", "data": {}})


def test_reading_sees_one_moment(things):
    with things.write() as tx:
        ADD.scalar(tx, {"name": "a", "data": {}})
    with things.read() as tx:
        assert FIND.one(tx, {"name": "a"}).many is None
        with things.write() as other:
            COUNT.run(other, {"b_name": "a"})
        if things.sqlite:
            assert FIND.one(tx, {"name": "a"}).many is None
    with things.read() as tx:
        assert FIND.one(tx, {"name": "a"}).many == 1


def test_who_listens_hears_statements(things):
    heard = []
    event.listen(things._reader, "before_cursor_execute", lambda _c, _k, statement, *_: heard.append(statement))
    with things.read() as tx:
        FIND.first(tx, {"name": "a"})
    assert sum("prepared_things" in one for one in heard) == 1


def test_list_of_unknown_length_is_refused(things):
    some = Prepared(select(_c.id).where(_c.id.in_(bindparam("ids", expanding=True))))
    with pytest.raises(TypeError, match="no list"), things.read() as tx:
        some.all(tx, {"ids": [1]})
