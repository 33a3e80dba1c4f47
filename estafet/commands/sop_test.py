"""`estafet sop test`: run the test cases beside SOP documents, without a database or a server."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click

from core.procedure.case_reading import CaseError, CaseFile, read_cases
from core.procedure.case_writing import updated
from core.procedure.cases import Outcome, Verdict, run_cases
from core.procedure.coverage import KINDS
from core.sop.checking import check
from core.sop.document import Sop
from core.sop.naming import Names, NamesError, examples_of, read_names
from core.sop.reading import SopError, load
from core.texts import _
from estafet.commands.sop_record import record_ticket

ENOUGH = 80  # percent: below that, publishing asks for a reason


@dataclass(frozen=True, slots=True)
class Tested:
    """One document with its cases and how they came out."""

    document: Path
    cases: Path
    outcome: Outcome


class CannotRun(Exception):
    """Something is missing or cannot be read: exit code 2."""


@click.command("test")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--names",
    type=click.Path(path_type=Path),
    help="YAML lists of the names that exist; the documents are checked against it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--junit", type=click.Path(path_type=Path), help="Also write the result as JUnit XML.")
@click.option("--update", is_flag=True, help="Write what came out into the failing cases' expectations.")
@click.option(
    "--record",
    type=int,
    metavar="TICKET",
    help="Make a case of what happened on this ticket, without its customer's words: into the cases of FILE, or printed.",
)
def test(
    files: tuple[Path, ...],
    names: Path | None,
    *,
    as_json: bool,
    junit: Path | None,
    update: bool,
    record: int | None,
) -> None:
    """Run the cases of SOP documents: refund.yaml is tested by refund.cases.yaml beside it.

    \b
    Example:
      estafet sop test sops/refund.yaml --junit report.xml
      estafet sop test sops/refund.yaml --record 1042

    Exit code 0: everything came out as expected; 1: something did not; 2: a file is missing or has errors.
    """
    if record is not None:
        record_ticket(record, files)
    if not files and record is None:
        raise click.UsageError(_("Name the documents to test, such as: estafet sop test sops/refund.yaml"))
    if not files:
        return
    try:
        tested = [run_file(file, names, update=update) for file in files]
        if junit is not None:
            junit.write_bytes(as_junit(tested))
    except (CannotRun, OSError) as error:
        click.echo(json.dumps({"error": str(error)}, ensure_ascii=False) if as_json else str(error), err=not as_json)
        sys.exit(2)
    click.echo(json.dumps(as_data(tested), ensure_ascii=False, indent=2) if as_json else "\n".join(as_text(tested)))
    sys.exit(0 if all(one.outcome.passed for one in tested) else 1)


# ---- running -------------------------------------------------------------------------------------------------------------


def run_file(file: Path, names: Path | None = None, *, update: bool = False) -> Tested:
    """Test one document; with `update`, failing cases get what came out as their expectation first."""
    folder = Folder(file.parent)
    known = _names(names)
    examples = examples_of(known.actions if known else None)
    sop = _document(_read(file), file, known, folder)
    beside = file.with_name(f"{file.stem}.cases.yaml")
    if not beside.is_file():
        raise CannotRun(_("%(file)s has no cases: write them into %(cases)s.", file=file, cases=beside))
    written = _read(beside)
    cases = _cases(written, beside)
    if cases.sop != sop.name:
        raise CannotRun(
            _(
                "%(file)s is for “%(sop)s”, but the document beside it is “%(name)s”.",
                file=beside,
                sop=cases.sop,
                name=sop.name,
            )
        )
    outcome = run_cases(sop, cases, folder.find, examples)
    if update and not outcome.passed:
        beside.write_text(updated(written, outcome), encoding="utf-8")
        cases = _cases(_read(beside), beside)
        outcome = run_cases(sop, cases, folder.find, examples)
    return Tested(file, beside, outcome)


class Folder:
    """The other documents of a folder, by their `sop:`, read when a `run` asks for one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, Sop] | None = None

    def find(self, name: str) -> Sop | None:
        """The document called `name` or `department/name`; None: the case tells how it ends."""
        if self._known is None:
            self._known = {}
            for file in sorted([*self.path.glob("*.yaml"), *self.path.glob("*.yml")]):
                if not file.name.endswith((".cases.yaml", ".cases.yml")):
                    self._remember(file)
        return self._known.get(name) or self._known.get(name.rpartition("/")[2])

    def _remember(self, file: Path) -> None:
        assert self._known is not None
        try:
            sop = load(file.read_text(encoding="utf-8"))
        except (SopError, OSError, UnicodeError):  # not a document, or not a sound one: nobody here runs it
            return
        self._known.setdefault(sop.name, sop)
        if sop.department:
            self._known[f"{sop.department}/{sop.name}"] = sop


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CannotRun(
            _("%(file)s cannot be read: %(why)s.", file=file, why=getattr(error, "strerror", None) or error)
        ) from error


def _names(file: Path | None) -> Names | None:
    """The names that exist, with what is known about actions."""
    try:
        return read_names(_read(file)) if file is not None else None
    except NamesError as error:
        raise CannotRun(f"{file}: {error}") from error


def _document(text: str, file: Path, known: Names | None, folder: Folder) -> Sop:
    """The document, if it has no error; with names, they must be among those that exist."""
    checked = check(text, known, str(file), find=folder.find)
    if checked.errors or checked.sop is None:
        raise CannotRun(_problems(file, checked.errors))
    return checked.sop


def _problems(file: Path, problems: Any) -> str:
    return "\n".join(f"{file}:{problem.line}:{problem.column}: {problem.message}" for problem in problems)


def _cases(text: str, file: Path) -> CaseFile:
    try:
        return read_cases(text)
    except CaseError as error:
        raise CannotRun("\n".join(f"{file}:{problem}" for problem in error.problems)) from error


# ---- telling -------------------------------------------------------------------------------------------------------------


def as_text(tested: list[Tested]) -> list[str]:
    """The result for people: failures with their reasons, then coverage."""
    lines: list[str] = []
    for one in tested:
        for verdict in one.outcome.verdicts:
            sign = _("ok") if verdict.passed else _("FAILED")
            lines.append(f"{one.cases}:{verdict.case.line}: {verdict.case.name}: {sign}")
            for failure in verdict.failures:
                lines.append(f"  {failure.key}: {failure.message}")
                lines += [f"    {line}" for line in failure.lines]
        lines += _covered(one)
    passed = sum(verdict.passed for one in tested for verdict in one.outcome.verdicts)
    total = sum(len(one.outcome.verdicts) for one in tested)
    lines.append(_("%(passed)s of %(total)s cases passed.", passed=passed, total=total))
    return lines


def _covered(one: Tested) -> list[str]:
    coverage = one.outcome.coverage
    parts = [
        f"{_KIND_NAMES[kind]()} {len(coverage.hit(kind))}/{len(coverage.all[kind])}"
        for kind in KINDS
        if coverage.all[kind]
    ]
    lines = [
        _(
            "%(file)s: coverage %(percent)s %%: %(parts)s",
            file=one.document,
            percent=coverage.percent,
            parts=", ".join(parts),
        )
    ]
    missing = _("not walked")
    lines += [
        f"  {missing}: {_KIND_NAMES[kind]()}: {', '.join(missed)}"
        for kind in KINDS
        if (missed := coverage.missed(kind))
    ]
    if coverage.percent < ENOUGH:
        lines.append(
            "  " + _("Publishing a version that is walked less than %(enough)s %% asks for a reason.", enough=ENOUGH)
        )
    return lines


_KIND_NAMES = {
    "steps": lambda: _("steps"),
    "branches": lambda: _("branches"),
    "timeouts": lambda: _("timeouts"),
    "routes": lambda: _("routes"),
}


def as_data(tested: list[Tested]) -> dict[str, Any]:
    """The result for programs."""
    return {"passed": all(one.outcome.passed for one in tested), "files": [_data(one) for one in tested]}


def _data(one: Tested) -> dict[str, Any]:
    coverage = one.outcome.coverage
    return {
        "file": str(one.document),
        "cases_file": str(one.cases),
        "sop": one.outcome.sop.name,
        "passed": one.outcome.passed,
        "cases": [_case_data(verdict) for verdict in one.outcome.verdicts],
        "coverage": {
            "percent": coverage.percent,
            **{kind: {"walked": coverage.hit(kind), "missed": coverage.missed(kind)} for kind in KINDS},
        },
    }


def _case_data(verdict: Verdict) -> dict[str, Any]:
    failures = [{"key": f.key, "message": f.message, "lines": list(f.lines)} for f in verdict.failures]
    path = [entry.what for entry in verdict.simulation.log.opened] if verdict.simulation else []
    return {
        "case": verdict.case.name,
        "line": verdict.case.line,
        "passed": verdict.passed,
        "failures": failures,
        "path": path,
    }


def as_junit(tested: list[Tested]) -> bytes:
    """The result as JUnit XML, which build servers show."""
    suites = ET.Element("testsuites")
    for one in tested:
        verdicts = one.outcome.verdicts
        failed = sum(not verdict.passed for verdict in verdicts)
        suite = ET.SubElement(
            suites, "testsuite", name=one.outcome.sop.name, tests=str(len(verdicts)), failures=str(failed), errors="0"
        )
        for verdict in verdicts:
            case = ET.SubElement(
                suite,
                "testcase",
                name=verdict.case.name,
                classname=one.outcome.sop.name,
                file=str(one.cases),
                line=str(verdict.case.line),
            )
            for failure in verdict.failures:
                node = ET.SubElement(case, "failure", message=f"{failure.key}: {failure.message}")
                node.text = "\n".join(failure.lines)
    return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True))
