"""E-mail templates: the list, the editor in both languages with its preview on a real ticket, versions, and a trial mail to oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, flash, redirect, render_template, request, url_for

from core.directory import directory
from core.errors import Conflict, Invalid, NotFound
from core.moments import now_ms
from core.notices import Wording
from core.permissions import require
from core.sop.shapes import suggested_name
from core.studio.comparing import text_lines
from core.templates import changes, pages
from core.templates.changes import Edit, NewTemplate, unsigned
from core.templates.wordings import EVERYWHERE
from core.texts import LANGUAGES, _
from web.desk.acting import field_errors
from web.failures import status_of
from web.security import CONTENT_POLICY, FRAMED_MAIL
from web.signin import actor
from web.studio import studio
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Department
    from core.templates.pages import Page, Preview
    from core.templates.wordings import Template


# The frame is sandboxed and has a policy of its own, as a mail has: it can load nothing, so its layout comes with it.
_LAYOUT = """<style>
body { margin: 12px; font: 14px/20px system-ui, sans-serif }
.both { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 24px }
h2 { font-size: 14px; margin: 0 0 8px }
section { min-width: 0; overflow-wrap: anywhere }
</style>"""


def _here() -> int:
    """The department whose words are meant: from the address or the form; else the person's own; 0 for all."""
    given = request.values.get("department", "")
    return int(given) if given.isdecimal() else actor().department_id or EVERYWHERE


def _mine(tx: Connection) -> list[Department]:
    return [one for one in directory(tx).departments.values() if changes.may_edit(actor(), one.id)]


@studio.get("/templates")
def template_list() -> ResponseReturnValue:
    """All templates, who uses them, and where they were changed."""
    with database().read() as tx:
        lines = pages.template_list(tx, actor())
        departments = {one.id: one.title for one in directory(tx).departments.values()}
    return render_template("studio/templates.html", here="studio", lines=lines, departments=departments, home=_here())


@studio.get("/templates/new")
def new_template() -> ResponseReturnValue:
    """The form for a template of the firm's own."""
    require(actor(), "write_templates")
    return _new({}, 200)


def _new(errors: dict[str, str], status: int) -> ResponseReturnValue:
    with database().read() as tx:
        departments = _mine(tx)
    page = render_template(
        "studio/template_new.html",
        here="studio",
        departments=departments,
        everywhere=changes.may_edit(actor(), EVERYWHERE),
        errors=errors,
        given=request.form,
        at=_here(),
    )
    return page, status


@studio.post("/templates/new")
def add_template() -> ResponseReturnValue:
    """Begin one, and go to its words."""
    title = request.form.get("title", "").strip()
    name = request.form.get("name", "").strip() or suggested_name(title).replace("-", "_")
    new = NewTemplate(name if title else "template", title, request.form.get("audience", ""))
    try:
        with database().write() as tx:
            changes.add_template(tx, actor(), new, _here())
    except Invalid as error:
        return _new(field_errors(error), 422)
    return redirect(url_for("studio.template", name=name, department=_here()), 303)


@studio.get("/templates/<name>")
def template(name: str) -> ResponseReturnValue:
    """One template for one department."""
    return _page(name, {}, 200)


def _typed() -> dict[str, dict[str, str]]:
    """What stands in the form, by language."""
    return {
        code: {part: request.form.get(f"{code}-{part}", "").replace("\r\n", "\n") for part in changes.PARTS}
        for code in LANGUAGES
    }


def _ticket(tx: Connection) -> int | None:
    given = request.values.get("ticket", "").strip().lstrip("#")
    return int(given) if given.isdecimal() and len(given) < 16 else pages.newest_ticket(tx, actor(), _here())


def _page(name: str, errors: dict[str, str], status: int, theirs: bool = False) -> ResponseReturnValue:
    with database().read() as tx:
        page = pages.template_page(tx, actor(), name, _here())
        ticket, departments = _ticket(tx), _mine(tx)
    typed = _typed() if request.method == "POST" else None
    shown = render_template(
        "studio/template.html",
        here="studio",
        page=page,
        at=_here(),
        departments=departments,
        everywhere=changes.may_edit(actor(), EVERYWHERE),
        texts={code: _shown(page, code, typed) for code in LANGUAGES},
        seen=page.seen if theirs or typed is None else request.form.get("seen", page.seen),
        theirs=page.texts if theirs else {},
        errors=errors,
        ticket=ticket,
        unsigned=unsigned(page.template),
        history=_history(page),
    )
    answer = Response(shown, status)
    answer.headers["Content-Security-Policy"] = CONTENT_POLICY + "; frame-src 'self'"
    return answer


def _shown(page: Page, code: str, typed: Mapping[str, Mapping[str, str]] | None) -> Mapping[str, str]:
    if typed is not None:
        return typed[code]
    words = page.texts[code]
    return {"subject": words.subject, "text": words.text, "html": words.html or ""}


def _history(page: Page) -> list[tuple[pages.Version, list[tuple[str, list[object]]]]]:
    """Each version with what it changed, by language; the oldest is compared with the words behind it."""
    found = []
    for n, version in enumerate(page.versions):
        older = page.versions[n + 1].template.texts if n + 1 < len(page.versions) else {}
        behind = page.behind.texts if page.behind else {}
        parts: list[tuple[str, list[object]]] = []
        for code in LANGUAGES:
            before = _lines(older.get(code) or behind.get(code))
            after = _lines(version.template.texts.get(code) or behind.get(code))
            if lines := text_lines(before, after, around=1):
                parts.append((code, list(lines)))
        found.append((version, parts))
    return found


def _lines(words: Wording | None) -> str:
    return "" if words is None else "\n".join(part for part in (words.subject, words.text, words.html or "") if part)


@studio.post("/templates/<name>")
def save_template(name: str) -> ResponseReturnValue:
    """Keep the words as a new version; every mail written from now on uses them."""
    seen = request.form.get("seen", "")
    edit = Edit(_typed(), int(seen) if seen.isdecimal() else None)
    try:
        with database().write() as tx:
            changes.save_template(tx, actor(), name, _here(), edit)
    except Invalid as error:
        return _page(name, _joined(error), 422)
    except Conflict as error:
        return _page(name, {"seen": str(error)}, status_of(error), theirs=True)
    flash(_("Saved. Mails use these words from now on."))
    return redirect(url_for("studio.template", name=name, department=_here()), 303)


def _joined(error: Invalid) -> dict[str, str]:
    """All messages of a field together, by the id of its input."""
    found: dict[str, list[str]] = {}
    for wrong in error.errors:
        found.setdefault(wrong.pointer.strip("/").replace("/", "-"), []).append(wrong.message)
    return {name: " ".join(dict.fromkeys(words)) for name, words in found.items()}


@studio.post("/templates/<name>/restore")
def restore_template(name: str) -> ResponseReturnValue:
    """An earlier version's words again; version 0 stands for the words behind it."""
    number, seen = request.form.get("number", ""), request.form.get("seen", "")
    with database().write() as tx:
        changes.restore_template(
            tx,
            actor(),
            name,
            _here(),
            int(number) if number.isdecimal() else 0,
            seen=int(seen) if seen.isdecimal() else None,
        )
    flash(_("Those words are in use again."))
    return redirect(url_for("studio.template", name=name, department=_here()), 303)


def _previews(tx: Connection, chosen: Template) -> list[Preview]:
    ticket = _ticket(tx)
    if ticket is None:
        return []
    return pages.previews(tx, settings(), actor(), chosen, _typed(), ticket, now_ms())


@studio.post("/templates/<name>/preview")
def preview_template(name: str) -> ResponseReturnValue:
    """What stands in the form, on a real ticket, in both languages side by side; shown in a frame that can do nothing."""
    wrong = ""
    shown: list[Preview] = []
    with database().read() as tx:
        chosen = changes.editable(tx, actor(), name, _here())
        try:
            shown = _previews(tx, chosen)
        except (Invalid, NotFound) as error:
            wrong = str(error)
    answer = Response(render_template("studio/template_preview.html", shown=shown, wrong=wrong, layout=_LAYOUT))
    answer.headers["Content-Security-Policy"] = FRAMED_MAIL
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@studio.post("/templates/<name>/trial")
def try_template(name: str) -> ResponseReturnValue:
    """Send what stands in the form to oneself."""
    try:
        with database().write() as tx:
            chosen = changes.editable(tx, actor(), name, _here())
            address = pages.send_trial(tx, actor(), _previews(tx, chosen), now=now_ms())
    except Invalid as error:
        return _page(name, _joined(error), 422)
    flash(_("A trial is on its way to %(address)s. Nothing was saved.", address=address))
    return _page(name, {}, 200)
