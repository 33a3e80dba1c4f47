"""What all tables share: names of constraints, the types of a moment and of JSON, the identity column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from sqlalchemy import JSON as SQL_JSON
from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

if TYPE_CHECKING:
    from sqlalchemy import Table

BigInt = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only in an INTEGER PRIMARY KEY
Json = SQL_JSON().with_variant(JSONB(), "postgresql")

Id = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]
Ref = Annotated[int, mapped_column(BigInt)]
Moment = Annotated[int, mapped_column(BigInteger().with_variant(Integer(), "sqlite"))]  # ms since 1970, UTC
Code = Annotated[str, mapped_column(String(64))]
Data = Annotated[dict[str, Any], mapped_column(Json)]
Items = Annotated[list[Any], mapped_column(Json)]
Bytes = Annotated[bytes, mapped_column(LargeBinary)]


class Base(DeclarativeBase):
    if TYPE_CHECKING:
        __table__: ClassVar[
            Table
        ]  # statements are made from it: those made from the class pass through the ORM and cost twice

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
