"""What the forms of the outline must know besides their step: the document, and the names that exist here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.sop.drawing_words import say
from core.sop.shapes import humanised
from core.sop.structure import spots_of
from core.studio import text_inputs as t
from core.studio.conditions import subjects
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.sop.document import Sop, Step
    from core.sop.naming import Names
    from core.sop.structure import Spot
    from core.studio.inputs import Options


@dataclass(slots=True)
class Surroundings:
    """What a form must know besides its step: the document, and the names that exist here."""

    sop: Sop
    names: Names
    spots: Mapping[str, Spot] = field(init=False)
    people: Options = field(init=False)
    subjects: Options = field(init=False)
    both: bool = field(init=False)  # are its texts written in both languages?

    def __post_init__(self) -> None:
        self.both = len(t.said(self.sop.title, both=False)) > 1
        self.spots = spots_of(self.sop)
        self.people = people_words(self.names)
        self.subjects = subjects(self.sop)

    def targets(self, step: Step, nothing: str) -> Options:
        """Where a way out of a step may lead."""
        spot = self.spots.get(step.name)
        named = [(name, humanised(name)) for name in (spot.targets() if spot else ())]
        around = [("exit", _("leave this part"))] if spot and spot.holder else []
        return [("", nothing), *named, *around, ("end", _("end the procedure"))]

    def required(self, *, resolution: bool) -> Options:
        """What a step may ask for."""
        fields = [(f"fields.{one.name}", say(one.label) or humanised(one.name)) for one in self.sop.fields.values()]
        return [("resolution", _("how it was resolved")), *fields] if resolution else fields


def people_words(names: Names) -> Options:
    """Everybody a step may be for, as people say it."""
    who = [
        ("assignee", _("whoever holds the ticket")),
        ("customer", _("the customer")),
        ("requester", _("whoever wrote the request")),
        ("lead", _("the team lead")),
        ("manager", _("the department's manager")),
        ("watchers", _("the watchers")),
    ]
    who += [(f"team:{name}", _("team %(name)s", name=name)) for name in sorted(names.teams or ())]
    who += [(f"department:{name}", _("department %(name)s", name=name)) for name in sorted(names.departments or ())]
    who += [(f"agent:{name}", name) for name in sorted(names.agents or ())]
    return who
