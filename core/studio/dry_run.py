"""A dry run: one made-up ticket on a virtual clock, played step by step. What was played is a test case in the making."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from core.calendars import CalendarError
from core.moments import to_datetime
from core.procedure import deeds
from core.procedure.acting import Refused
from core.procedure.case_reading import CaseError, monday, read_cases
from core.procedure.case_writing import updated
from core.procedure.cases import run_cases
from core.procedure.simulation import Simulation, SimulationError
from core.sop.document import Call
from core.sop.drawing_marks import marks_of
from core.sop.expressions import ExpressionError
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.sop.document import Sop

    Find = Callable[[str], Sop | None]

MOST_DEEDS = 200
MINUTE = 60_000
_ZONE = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class Script:
    """What is given, what was done so far (as a case writes it), and how far the clock was wound (minutes from the start)."""

    given: Mapping[str, Any] = field(default_factory=dict)
    when: tuple[Mapping[str, Any], ...] = ()
    minutes: int = 0

    def then(self, deed: Mapping[str, Any]) -> Script:
        """The script with one more deed, done now."""
        return replace(self, when=(*self.when, {"after": f"PT{self.minutes}M", **deed}))

    def to_json(self) -> str:
        """The script as a form carries it."""
        return json.dumps({"given": self.given, "when": self.when, "minutes": self.minutes}, ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> Script:
        """A script from what a form sent; a broken one begins anew."""
        try:
            found = json.loads(text)
            return Script(
                dict(found["given"]), tuple(dict(deed) for deed in found["when"])[:MOST_DEEDS], int(found["minutes"])
            )
        except (ValueError, KeyError, TypeError):
            return Script()


@dataclass(frozen=True, slots=True)
class Played:
    """The simulation as far as it came, and what was wrong with the last deed (it was not done)."""

    script: Script
    sim: Simulation | None
    problem: str = ""


def begin(
    sop: Sop,
    ticket: Mapping[str, Any] | None = None,
    customer: Mapping[str, Any] | None = None,
    fields: Mapping[str, Any] | None = None,
    *,
    start: int | None = None,
    examples: Mapping[str, Any] | None = None,
) -> Script:
    """A script for a ticket with these properties. Every action answers with its example, else with nothing, until somebody says what it returns."""
    local = to_datetime(start if start is not None else monday()).astimezone(_ZONE)
    known = examples or {}
    called = [step.what.action for step in sop.steps() if isinstance(step.what, Call)]
    answers: dict[str, Any] = {action: known.get(action, {}) for action in called}
    given: dict[str, Any] = {
        "start": local.isoformat(timespec="minutes"),
        "ticket": dict(ticket or {}),
        "customer": dict(customer or {}),
    }
    return Script(given | ({"fields": dict(fields)} if fields else {}) | ({"answers": answers} if answers else {}))


def play(sop: Sop, script: Script, find: Find | None = None) -> Played:
    """Play a script from its beginning. A deed nobody waits for is left out and told."""
    try:
        case = read_cases(_file(sop, script, "dry run")).cases[0]
    except CaseError as error:
        return Played(script, None, "; ".join(problem.message for problem in error.problems))
    sim = Simulation(sop, case.given, find)
    done: list[Mapping[str, Any]] = []
    problem = ""
    try:
        sim.begin()
        for deed, written in zip(case.when, script.when, strict=True):
            sim.advance(deed.at)
            try:
                deeds.do(sim, deed)
                done.append(written)
            except (deeds.NobodyWaits, Refused) as error:
                problem = str(error)
        sim.advance(case.given.start + script.minutes * MINUTE)
    except (SimulationError, ExpressionError, CalendarError) as error:
        problem = str(error)
    return Played(replace(script, when=tuple(done)), sim, problem)


def _file(sop: Sop, script: Script, name: str) -> str:
    """The script as a file of one case (JSON is YAML)."""
    case = {"case": name, "given": {"start_by": "hand", **script.given}, "when": list(script.when)}
    return json.dumps({"sop": sop.name, "cases": [case]}, ensure_ascii=False, default=str)


def as_case(
    sop: Sop, script: Script, name: str, cases: str, find: Find | None = None, *, until: str | None = None
) -> str:
    """The draft's cases with this run as one more: what came out is what it expects from now on."""
    name = name.strip() or _("Dry run of %(when)s", when=datetime.now(_ZONE).strftime("%d %b %H:%M"))
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 140
    file = yaml.load(cases) if cases.strip() else yaml.load(f"sop: {sop.name}\ncases: []\n")
    known = {str(case["case"]) for case in file["cases"]}
    while name in known:
        name += " (2)"
    given = {key: value for key, value in script.given.items() if value}
    unknown: dict[str, Any] = {"path": ["?"], "notices": ["?"], "calls": ["?"], "ends": {"as": "?"}}
    case = {"case": name, "given": {"start_by": "hand", **given}, "when": [dict(deed) for deed in script.when]}
    case |= {"until": until or f"PT{max(script.minutes, 1)}M", "expect": unknown}
    file["cases"].fa.set_block_style()
    file["cases"].append(_short(case))
    out = StringIO()
    yaml.dump(file, out)
    return updated(out.getvalue(), run_cases(sop, read_cases(out.getvalue()), find))


def _short(case: Mapping[str, Any]) -> Any:
    """A case as people write it: what is given and what happens one line each."""
    made = YAML().load(json.dumps(case, ensure_ascii=False, default=str))
    made.fa.set_block_style()
    for key in ("given", "when", "expect"):
        made[key].fa.set_block_style()
    return made


def marks(sim: Simulation) -> dict[str, str]:
    """Where the made-up ticket is and was, for the drawing."""
    return marks_of(sim.ledger.values(), sim.now)
