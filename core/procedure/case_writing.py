"""Writes what came out of a case into its expectations, leaving everything else of the file as its writer left it."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from core.procedure.deeds import open_steps
from core.procedure.expectations import how_it_stands, span
from core.procedure.values import State

if TYPE_CHECKING:
    from core.procedure.cases import Outcome, Verdict
    from core.procedure.simulation import Entry, Simulation

_LISTS = ("path", "skipped", "cancelled", "open", "notices", "calls", "runs")


def updated(text: str, outcome: Outcome) -> str:
    """The case file with the expectations of its failing cases replaced. A case whose happenings go wrong stays as it is."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 140
    document = yaml.load(text)
    failing = {
        v.case.name: v for v in outcome.verdicts if not v.passed and v.simulation is not None and _came_through(v)
    }
    for case in document["cases"]:
        verdict = failing.get(str(case["case"]))
        if verdict is not None and verdict.simulation is not None:
            _update(case, verdict.simulation)
    written = StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def _came_through(verdict: Verdict) -> bool:
    return not any(failure.key in ("given", "when", "until", "run", "starts") for failure in verdict.failures)


def _update(case: Any, sim: Simulation) -> None:
    """Replace what the case names; a case that names nothing gets its path, notices, calls and end."""
    expect = case.setdefault("expect", CommentedMap())
    if not expect:
        expect.update(dict.fromkeys(("path", "notices", "calls", "ends")))
    opened = {entry.what for entry in sim.log.opened}
    for key in list(expect):
        match key:
            case "never":
                expect[key] = _flow([name for name in expect[key] if name not in opened])
            case "ticket" | "vars":
                came = sim.ticket if key == "ticket" else sim.vars("")
                expect[key] = CommentedMap({name: came.get(str(name)) for name in expect[key]})
            case "opened_at":
                at = {entry.what: span(entry.at - sim.given.start) for entry in reversed(sim.log.opened)}
                expect[key] = CommentedMap({name: at[name] for name in expect[key] if name in at})
            case "ends":
                expect[key] = _ends(sim)
            case _ if key in _LISTS:
                expect[key] = _flow(_came(key, sim))


def _came(key: str, sim: Simulation) -> list[str]:
    start = sim.given.start
    rows = sim.ledger.values()
    match key:
        case "path":
            return [entry.what for entry in sim.log.opened]
        case "skipped":
            return list(
                dict.fromkeys(visit.name for visit in rows if visit.state is State.SKIPPED and visit.visit == 0)
            )
        case "cancelled":
            return [
                sim.shown(visit)
                for visit in rows
                if visit.state is State.CANCELLED and visit.why and "join" in visit.why
            ]
        case "open":
            return open_steps(sim)
        case "notices":
            return [f"{entry.what} -> {entry.who}{_when(entry, start)}" for entry in sim.log.notices]
        case "calls":
            return [f"{entry.what}{_when(entry, start)}" for entry in sim.log.calls]
    return [entry.what for entry in sim.log.runs]


def _when(entry: Entry, start: int) -> str:
    return f" @ {span(entry.at - start)}" if entry.at > start else ""


def _ends(sim: Simulation) -> CommentedMap:
    how, outcome = how_it_stands(sim)
    ends = CommentedMap({"as": how})
    if how == "completed" and outcome != "completed":
        ends["outcome"] = outcome
    if how != "running":
        ends["after"] = span(sim.ended_at() - sim.given.start)
    ends.fa.set_flow_style()
    return ends


def _flow(items: list[str]) -> CommentedSeq:
    found = CommentedSeq(items)
    found.fa.set_flow_style()
    return found
