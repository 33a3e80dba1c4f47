"""A new procedure: empty, from the library that comes with the product, a copy of another one, or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for

from core import sop_pages
from core.directory import directory
from core.errors import CommandError, FieldError, Invalid
from core.moments import now_ms
from core.permissions import require, sees_all_departments
from core.sop.drawing_words import say
from core.sop.editing import EditError
from core.sop.nodes import LARGEST
from core.sop.reading import SopError, load
from core.sop.shapes import suggested_name
from core.studio import drafts
from core.studio.drafts import NewSop
from core.texts import _
from web.desk.acting import field_errors
from web.failures import status_of
from web.signin import actor
from web.studio import studio
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection


@studio.get("/new")
def new_sop() -> ResponseReturnValue:
    """The form."""
    require(actor(), "write_sops")
    return _form({}, 200)


def _form(errors: dict[str, str], status: int) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
        sops = sop_pages.sop_list(tx, actor())
    everything = sees_all_departments(actor())
    mine = [one for one in firm.departments.values() if everything or one.id == actor().department_id]
    library = [(name, say(load(text).title)) for name, text in drafts.library_texts().items()]
    return (
        render_template(
            "studio/new.html",
            here="studio",
            departments=mine,
            library=library,
            sops=[line for line in sops if line.text],
            errors=errors,
            given=request.form or request.args,
        ),
        status,
    )


@studio.post("/new")
def begin_sop() -> ResponseReturnValue:
    """Begin it, and go to the editor."""
    given = request.form
    title = given.get("title", "").strip()
    name = given.get("name", "").strip() or suggested_name(title).replace("_", "-")
    department = given.get("department", "")
    try:
        with database().write() as tx:
            text, cases = _source(tx, given.get("from", ""))
            new = NewSop(name if title else "", title, int(department) if department.isdecimal() else None, text, cases)
            sop_id = drafts.create_sop(tx, actor(), new, now=now_ms()).sop_id
    except Invalid as error:
        return _form(field_errors(error), 422)
    except CommandError as error:
        return _form({"department": str(error)}, status_of(error))
    return redirect(url_for("studio.edit", sop_id=sop_id), 303)


def _source(tx: Connection, source: str) -> tuple[str, str]:
    """The text to begin from, and its test cases."""
    kind, _colon, name = source.partition(":")
    if kind == "library" and name in drafts.library_texts():
        return drafts.library_texts()[name], drafts.library_cases(name)
    if kind == "sop" and name.isdecimal():
        line, _versions = sop_pages.sop_versions(tx, actor(), int(name))
        return line.text or "", ""
    if kind == "file":
        return _uploaded(), ""
    return "", ""


def _uploaded() -> str:
    file = request.files.get("file")
    raw = file.read(LARGEST + 1) if file else b""
    try:
        text = raw.decode("utf-8-sig")
        if not text.strip() or len(raw) > LARGEST:
            raise Invalid(FieldError("/file", _("Choose a YAML file of at most %(n)s kB.", n=LARGEST // 1024)))
        load(text)
    except UnicodeDecodeError:
        raise Invalid(FieldError("/file", _("This file is not UTF-8 text. Save it as UTF-8."))) from None
    except (SopError, EditError) as error:
        raise Invalid(FieldError("/file", _("This file is no SOP: %(why)s", why=error))) from error
    return text
