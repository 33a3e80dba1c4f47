"""How do files that never change travel? Under a name with their hash, kept for a year, and packed once."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response, abort, request, send_from_directory, url_for
from werkzeug.security import safe_join

if TYPE_CHECKING:
    from flask import Flask

FOLDER = Path(__file__).parent / "static"
_YEAR = "public, max-age=31536000, immutable"
_PACKED = frozenset({".css", ".js", ".svg", ".md"})
_FOR_OTHER_SITES = frozenset({"embed.js"})  # loaded by the pages of others
_SHORTEST = 500  # bytes: below, packing costs more than it saves


def serve_statics(app: Flask) -> None:
    """Name static files by their hash, and pack pages and files on their way out."""
    app.jinja_env.globals["static"] = static_url
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=_send)
    app.after_request(_pack)


def static_url(filename: str) -> str:
    """The address of a static file, with the hash of its content."""
    return url_for("static", filename=filename, v=_hash(filename))


@cache
def _hash(filename: str) -> str:
    return hashlib.sha256((FOLDER / filename).read_bytes()).hexdigest()[:12]


@cache
def _packed(filename: str) -> bytes:
    return gzip.compress((FOLDER / filename).read_bytes(), 9, mtime=0)


def _send(filename: str) -> Response:
    found = safe_join(str(FOLDER), filename)
    if found is None or not Path(found).is_file():
        abort(404)
    if Path(found).suffix in _PACKED and _takes_gzip():
        response = Response(_packed(filename), mimetype=mimetypes.guess_type(filename)[0] or "text/plain")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(FOLDER, filename)
    response.headers["Vary"] = "Accept-Encoding"
    if filename in _FOR_OTHER_SITES:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    named = request.args.get("v") == _hash(filename)
    response.headers["Cache-Control"] = _YEAR if named else "public, max-age=300"
    return response


def _takes_gzip() -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "").lower()


def _pack(response: Response) -> Response:
    """Pack a page (never a stream, never what is packed already)."""
    if response.is_streamed or response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    kind = response.mimetype or ""
    if not (kind.startswith("text/") or kind.endswith("json") or kind == "image/svg+xml"):
        return response
    body: Any = response.get_data()
    if response.status_code < 200 or len(body) < _SHORTEST or not _takes_gzip():
        return response
    response.set_data(gzip.compress(body, 3, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding")
    return response
