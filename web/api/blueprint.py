"""One part of the API: a flask-smorest blueprint whose calls need somebody, are documented, and fail with problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint

from web.api.bodies import BodyParser
from web.api.caller import need_caller
from web.api.problems import handle_problems

Decorator = Callable[[Any], Any]
IDEMPOTENT = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "The same key and body gives the same answer again; nothing is done twice.",
}


class Part(Blueprint):  # type: ignore[misc]
    """A part of the API under /api/v1."""

    ARGUMENTS_PARSER = BodyParser()

    def __init__(self, name: str, module: str, description: str) -> None:
        super().__init__(f"api-{name}", module, url_prefix="/api/v1", description=description)
        self.title = name
        need_caller(self)
        handle_problems(self)

    def arguments(self, schema: Any, **options: Any) -> Decorator:
        """What a call takes; a body without anything that is needed may be left out."""
        known = schema()  # made once: a class would be made anew at each call
        if options.get("location", "json") == "json" and not any(f.required for f in known.fields.values()):
            options["required"] = False
        decorate: Decorator = super().arguments(known, **options)
        return decorate

    def response(self, *given: Any, **options: Any) -> Decorator:
        """What a call answers. Views answer with finished JSON; this only says so."""
        decorate: Decorator = super().response(*given, **options)
        return decorate

    @staticmethod
    def doc(**said: Any) -> Decorator:
        """More about a call, in the words of OpenAPI."""
        decorate: Decorator = Blueprint.doc(**said)
        return decorate

    def command(self, rule: str, **options: Any) -> Decorator:
        """A POST: takes an Idempotency-Key."""

        def decorate(view: Any) -> Any:
            return self.post(rule, tags=[self.title], **options)(self.doc(parameters=[IDEMPOTENT])(view))

        return decorate

    def reading(self, rule: str, **options: Any) -> Decorator:
        """A GET."""
        decorate: Decorator = self.get(rule, tags=[self.title], **options)
        return decorate

    def changing(self, rule: str, **options: Any) -> Decorator:
        """A PATCH."""
        decorate: Decorator = self.patch(rule, tags=[self.title], **options)
        return decorate
