"""Procedures: read them, check a document, keep it as a draft, publish it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import yaml
from flask import Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from core import sop_drafts
from core.directory import directory
from core.errors import FieldError, Invalid, NotFound
from core.moments import rfc3339
from core.permissions import require
from core.texts import _, language
from web.api import shapes_firm as shapes
from web.api.answers import Answer, answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.problems import problem
from web.api.shapes import listed
from web.api.ticket_json import party
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.sop.problems import Problem

part = Part("sops", __name__, "Standard operating procedures.")
_YAML = frozenset({"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"})
_DOCUMENT = {
    "required": True,
    "description": 'The document as YAML text, as a JSON object, or as {"text": YAML}.',
    "content": {
        "application/yaml": {"schema": {"type": "string"}},
        "application/json": {"schema": {"type": "object"}},
    },
}


class Wrong(Exception):
    """A document with errors."""

    def __init__(self, errors: Sequence[Problem]) -> None:
        super().__init__()
        self.errors = errors


def _say_what_is_wrong(wrong: Wrong) -> Response:
    errors = [FieldError("/text", f"{one.line}:{one.column}: {one.message}") for one in wrong.errors]
    found = [finding(one) for one in wrong.errors]
    return problem(422, _("The document has errors. Nothing was saved."), errors, problems=found)


part.register_error_handler(Wrong, _say_what_is_wrong)


def finding(one: Problem) -> dict[str, Any]:
    """An error or a warning of a document, with its place."""
    found = asdict(one)
    del found["severity"]
    return found


def _sent() -> str:
    """The document's text."""
    raw = request.get_data(cache=True)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(FieldError("/text", _("The document is not UTF-8 text. Save it as UTF-8."))) from error
    if request.mimetype in _YAML:
        return _some(text)
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(given, dict):
        raise Invalid(FieldError("", _("This must be an object: {…}.")))
    if isinstance(given.get("text"), str) and "do" not in given:
        return _some(given["text"])
    try:
        return _some(yaml.safe_dump(given, allow_unicode=True, sort_keys=False, width=120))
    except (yaml.YAMLError, RecursionError) as error:
        raise Invalid(FieldError("", _("This object cannot be written as a document."))) from error


def _some(text: str) -> str:
    if not text.strip():
        raise Invalid(FieldError("/text", _("The document is empty. Send an SOP.")))
    return text


@part.reading("/sops")
@part.response(200, listed(shapes.SopLine))
def list_sops() -> Response:
    """The library: every procedure of your department, and the common ones"""
    with database().read() as tx:
        firm = directory(tx)
        return items([_line(firm, one) for one in sop_drafts.library(tx, caller())])


def _line(firm: Directory, one: sop_drafts.Listing) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "title": one.document.title.say(language()) if one.document else one.name,
        "department": _department_name(firm, one.department_id),
        "mode": one.document.mode if one.document else None,
        "version": one.number,
        "published_at": rfc3339(one.published_at),
        "drafts": one.drafts,
    }


def _department_name(firm: Directory, department_id: int | None) -> str | None:
    return firm.departments[department_id].name if department_id in firm.departments else None


@part.command("/sops")
@part.response(201, shapes.DraftSaved)
@part.doc(requestBody=_DOCUMENT)
def save_sop() -> Response:
    """Check a document and keep it as a draft

    With errors nothing is kept: 422, each error with its line and column under `problems`.
    """
    require(caller(), "write_sops")
    text = _sent()

    def work(tx: Connection) -> Answer:
        checked = sop_drafts.check_document(tx, caller(), text)
        if checked.sop is None:
            raise Wrong(checked.errors)
        sop_id, version = sop_drafts.keep_document(tx, caller(), text)
        body = _version(directory(tx), version) | {"name": checked.sop.name, "text": version.text, "sop": sop_id}
        warnings = [finding(one) for one in checked.warnings]
        location = f"/api/v1/sops/{checked.sop.name}/versions/{version.number}"
        return Answer({**body, "warnings": warnings}, 201, {"Location": location})

    return command(work)


@part.command("/sops/check")
@part.response(200, shapes.Findings)
@part.doc(requestBody=_DOCUMENT)
def check_sop() -> Response:
    """Check a document without keeping it

    Names (teams, templates, calendars …) are looked for in this installation.
    """
    require(caller(), "read_sops")
    text = _sent()

    def work(tx: Connection) -> Answer:
        checked = sop_drafts.check_document(tx, caller(), text)
        found = {"errors": checked.errors, "warnings": checked.warnings}
        return Answer({name: [finding(one) for one in some] for name, some in found.items()})

    return command(work)


@part.reading("/sops/<name>")
@part.response(200, shapes.Sop)
def read_sop(name: str) -> Response:
    """A procedure: its published text and its versions"""
    require(caller(), "read_sops")
    with database().read() as tx:
        firm = directory(tx)
        row = sop_drafts.find_sop(tx, caller(), name)
        versions = sop_drafts.versions_of(tx, row.id)
    current = next((one for one in versions if one.id == row.published_version_id), None)
    return answer(
        {
            "id": row.id,
            "name": row.name,
            "department": _department_name(firm, row.department_id),
            "version": current.number if current else None,
            "text": current.text if current else None,
            "versions": [_version(firm, one) for one in versions],
        }
    )


def _version(firm: Directory, one: sop_drafts.Version) -> dict[str, Any]:
    return {
        "version": one.number,
        "state": one.state,
        "author": None if one.author_id is None else party(firm, "person", str(one.author_id)),
        "created_at": rfc3339(one.created_at),
        "published_at": rfc3339(one.published_at),
        "note": one.note,
    }


@part.reading("/sops/<name>/versions/<int:number>")
@part.response(200, shapes.SopText)
def read_version(name: str, number: int) -> Response:
    """The text of one version"""
    require(caller(), "read_sops")
    with database().read() as tx:
        firm = directory(tx)
        row = sop_drafts.find_sop(tx, caller(), name)
        found = next((one for one in sop_drafts.versions_of(tx, row.id) if one.number == number), None)
    if found is None:
        raise NotFound(_("This SOP has no version %(n)s.", n=number))
    return answer({**_version(firm, found), "name": row.name, "text": found.text})


@part.command("/sops/<name>/versions/<int:number>/publish")
@part.arguments(shapes.Publishing)
@part.response(200, shapes.SopText)
def publish(given: dict[str, Any], name: str, number: int) -> Response:
    """Publish a draft: tickets that open from now on follow it

    Refused (409) with the reason when it has errors or its test cases fail. `reason`: why it may be published with few test cases.
    """
    require(caller(), "publish_sops")

    def work(tx: Connection) -> Answer:
        row = sop_drafts.find_sop(tx, caller(), name)
        version = sop_drafts.publish_number(tx, caller(), row.id, number, note=given["note"], reason=given["reason"])
        return Answer({**_version(directory(tx), version), "name": row.name, "text": version.text})

    return command(work)
