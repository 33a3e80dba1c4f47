"""Files that were sent with a form."""

from __future__ import annotations

from flask import request

from core.tickets.messages import NewAttachment


def uploaded(name: str) -> tuple[NewAttachment, ...]:
    """The files that were sent under this name; a browser's path is cut down to the file's own name."""
    return tuple(
        NewAttachment(
            (file.filename.replace("\\", "/").rsplit("/", 1)[-1] or "file")[:255],
            file.mimetype or "application/octet-stream",
            file.read(),
        )
        for file in request.files.getlist(name)
        if file.filename
    )
