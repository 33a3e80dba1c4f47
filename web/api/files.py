"""Attachments: taken as base64, handed out as downloads."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from flask import Response

from core import blobs
from core.errors import FieldError, Invalid, NotFound
from core.texts import _
from core.tickets.access import know
from core.tickets.messages import NewAttachment
from core.tickets.writings import find_file
from web.api.blueprint import Part
from web.api.caller import caller
from web.desk.files import download
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Sequence

part = Part("attachments", __name__, "Files of messages.")


def read_files(given: Sequence[dict[str, Any]]) -> tuple[NewAttachment, ...]:
    """The files of a body. Invalid names every one that is not base64."""
    files, errors = [], []
    for i, one in enumerate(given):
        try:
            content = base64.b64decode(one["content"], validate=True)
        except (binascii.Error, ValueError):
            errors.append(FieldError(f"/attachments/{i}/content", _("This is not base64. Encode the file's bytes.")))
            continue
        name = one["name"].replace("\\", "/").rsplit("/", 1)[-1] or "file"
        files.append(NewAttachment(name, one["content_type"], content))
    if errors:
        raise Invalid(*errors)
    return tuple(files)


def file_json(file: Any) -> dict[str, Any]:
    """An attachment as it is listed."""
    return {
        "id": file.id,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "url": f"/api/v1/attachments/{file.id}",
    }


@part.reading("/attachments/<int:file_id>")
@part.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def read_attachment(file_id: int) -> Response:
    """Download a file"""
    with database().read() as tx:
        found, name, ticket_id = find_file(tx, file_id)
        know(tx, caller(), ticket_id)
        content = blobs.read(tx, name)
    if content is None:
        raise NotFound(_("There is no such file."))
    return download(content, found.name, found.content_type)
