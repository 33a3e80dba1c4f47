"""What was sent? Bodies and parameters are read by marshmallow schemas; whatever does not fit is named by its place, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from flask import request
from marshmallow import EXCLUDE, RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from core.errors import FieldError, Invalid
from core.texts import N_, _
from web.incoming import unkeepable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from marshmallow import Schema, ValidationError

_SENTENCES = {
    "Missing data for required field.": N_("This is needed."),
    "Field may not be null.": N_("This may not be null. Leave it out, or give a value."),
    "Unknown field.": N_("There is no such field. Look for its spelling in /api/v1/openapi.json."),
    "Not a valid string.": N_("This must be a text, in quotation marks."),
    "Not a valid integer.": N_("This must be a whole number."),
    "Not a valid number.": N_("This must be a number."),
    "Not a valid boolean.": N_("This must be true or false."),
    "Not a valid list.": N_("This must be a list: […]."),
    "Not a valid mapping type.": N_("This must be an object: {…}."),
    "Not a valid datetime.": N_("This must be a time such as 2026-11-24T09:00:00Z."),
    "Invalid input type.": N_("This must be an object: {…}."),
}
DEEPEST = 100


class BodyParser(FlaskParser):
    """Reads requests for `arguments`: strict about names, and it answers with pointers."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 (webargs' own declaration)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": None,
        "query": RAISE,
        "headers": EXCLUDE,
    }

    def load_json(self, req: Any, schema: Schema) -> Any:
        """The body. An empty one is an empty object, so that commands without values need none."""
        if not req.get_data(cache=True):
            return {}
        if not req.is_json:
            raise UnsupportedMediaType
        found = super().load_json(req, schema)
        if b"\\u" in req.get_data(cache=True):  # only an escape can bring them in
            _check_texts(found)
        return found

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise wrong(messages) from error

    def _handle_invalid_json_error(self, error: Any, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise BadRequest from error


def _check_texts(body: Any) -> None:
    words = _("This text holds a character that cannot be kept (NUL, or half of a surrogate pair). Leave it out.")
    errors = [FieldError(pointer, words) for pointer in unkeepable(body)]
    if errors:
        raise Invalid(*errors[:20])


def wrong(messages: Mapping[str, Any]) -> Invalid:
    """marshmallow's messages (by location, then by field) as errors with pointers."""
    found = [error for tree in messages.values() for error in _errors(tree, "")]
    return Invalid(*found)


def _errors(tree: Any, pointer: str, depth: int = 0) -> Iterator[FieldError]:
    if isinstance(tree, dict) and depth < DEEPEST:
        for name, inner in tree.items():
            inside = pointer if name == "_schema" else f"{pointer}/{escaped(str(name))}"
            yield from _errors(inner, inside, depth + 1)
        return
    for message in tree if isinstance(tree, list) else [tree]:
        yield FieldError(pointer, _(_SENTENCES[message]) if message in _SENTENCES else str(message))


def escaped(name: str) -> str:
    """A name as part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def if_match() -> int | None:
    """The version that the caller has seen (`If-Match: "7.12"`), or None when any will do."""
    given = request.headers.get("If-Match", "").strip()
    if given in {"", "*"}:
        return None
    number = given.removeprefix("W/").strip('"').split(".")[0]
    if not number.isdecimal() or len(number) > 15:
        raise Invalid(FieldError("/If-Match", _("If-Match takes the ETag that came with the ticket.")))
    return int(number)
