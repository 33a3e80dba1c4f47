"""The API describes itself: OpenAPI 3.1 as JSON, and a page to read it and try it."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, current_app, render_template
from flask_smorest import Api

from web.api.caller import open_to_programs
from web.security import CONTENT_POLICY

if TYPE_CHECKING:
    from flask import Flask

_OVERVIEW = """Tickets, messages, steps and everything else of the help desk.

Send `Authorization: Bearer <token>`. Times are RFC 3339 in UTC. Lists answer `{"items": […], "next": cursor}`: send the cursor as `next` to go on.
Every POST takes an `Idempotency-Key`: the same key and body gives the same answer again. Errors are RFC 9457 problems with a list of
`{pointer, message}`; their texts follow `Accept-Language` (en, id)."""
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Names this request in our log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to the wrong value, or /parameter."},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_DEFAULT = {"default": {"$ref": "#/components/responses/Problem"}}


class Description(Api):  # type: ignore[misc]
    """flask-smorest's collector of what the blueprints say of themselves; errors and pages are our own business."""

    def __init__(self, app: Flask) -> None:
        spec = {
            "title": "Estafet",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {"description": _OVERVIEW},
        }
        self._parts: list[Any] = []
        super().__init__(spec_kwargs=spec)
        app.config.update(OPENAPI_URL_PREFIX=None)
        self.init_app(app)

    def _register_error_handlers(self) -> None:
        """Ours are `web.api.problems`."""

    def register_blueprint(self, blp: Any) -> None:
        """Serve it now. It is described when somebody asks for the description: that takes as long as serving everything."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp)
        self._parts.append(blp)

    def _describe(self) -> None:
        for part in self._parts:
            part.register_views_in_doc(self, self._app, self.spec, name=part.name, parameters=None)
            self.spec.tag({"name": part.name, "description": part.description})

    @cached_property
    def text(self) -> str:
        """The whole description as JSON."""
        self._describe()
        spec: dict[str, Any] = self.spec.to_dict()
        components = spec.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = _PROBLEM
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        components.setdefault("responses", {})["Problem"] = {"description": "It was not done.", "content": content}
        components["responses"].pop("DEFAULT_ERROR", None)
        for tag in spec["tags"]:
            tag["name"] = tag["name"].removeprefix("api-")
        spec["security"] = [{"token": []}]
        for path in spec.get("paths", {}).values():
            for method, operation in path.items():
                if method in {"get", "post", "patch"}:
                    known = {code: said for code, said in operation["responses"].items() if code != "default"}
                    operation["responses"] = {**known, **_DEFAULT}
        return json.dumps(spec, ensure_ascii=False)


pages = Blueprint("api-description", __name__, url_prefix="/api/v1")


@pages.get("/openapi.json")
@open_to_programs
def openapi() -> Response:
    """The description."""
    description = cast("Description", current_app.extensions["estafet-api"])
    return Response(description.text, mimetype="application/json")


@pages.get("/docs")
@open_to_programs
def docs() -> Response:
    """The description as a page. Swagger UI's own icons are pictures inside its style sheet."""
    page = Response(render_template("api/docs.html"))
    page.headers["Content-Security-Policy"] = CONTENT_POLICY.replace("img-src 'self'", "img-src 'self' data:")
    return page
