"""The JSON API under /api/v1: the same commands and reads as the pages, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.api import (
    alerts,
    course,
    customers,
    day,
    departments,
    drafts,
    effects,
    files,
    firm,
    holding,
    learning,
    messages,
    noticing,
    policies,
    rerouting,
    routing,
    sops,
    steps,
    templates,
    tickets,
    tokens,
    watchers,
)
from web.api.description import Description, pages
from web.security import csrf

if TYPE_CHECKING:
    from flask import Flask

PARTS = (
    tickets,
    messages,
    files,
    steps,
    course,
    holding,
    alerts,
    watchers,
    day,
    learning,
    noticing,
    effects,
    sops,
    drafts,
    templates,
    firm,
    departments,
    policies,
    rerouting,
    routing,
    customers,
    tokens,
)


def serve_api(app: Flask) -> None:
    """Add the API to the application. Its calls carry a token and no cookie that could be misused, so forms' tokens are not asked for."""
    description = Description(app)
    app.extensions["estafet-api"] = description
    for module in PARTS:
        csrf.exempt(module.part)
        description.register_blueprint(module.part)
    app.register_blueprint(pages)
