"""Procedures as files: a folder is published as a whole or not at all, and what is published is written into a folder.

`DIR/name.yaml` or `DIR/department/name.yaml`, test cases beside it as `name.cases.yaml`. The department is what the text says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from core.directory import directory
from core.plugins.registry import examples
from core.procedure.case_reading import CaseError, read_cases
from core.procedure.cases import run_cases
from core.procedures import find_published, publish, published
from core.schema import SopVersion
from core.sop.checking import check
from core.sop.naming import examples_of
from core.sop.reading import SopError, load
from core.studio.comparing import differences
from core.studio.known_names import known_names
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedures import Published
    from core.sop.document import Sop

_v = SopVersion.__table__.c
CASES = ".cases.yaml"


class NoText(ValueError):
    """A file of the folder is no text; the message says which."""


@dataclass(frozen=True, slots=True)
class File:
    """One document of a folder with its cases."""

    path: Path
    text: str
    cases: str


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one file: `same`, `new`, `changed` (with what is different), or `wrong` (with why)."""

    path: Path
    name: str
    state: str
    number: int | None = None
    details: tuple[str, ...] = ()


def read_folder(folder: Path) -> list[File]:
    """The documents of a folder and its subfolders, in the order of their paths."""
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        if not path.name.endswith(CASES) and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            cases = path.with_name(path.name.removesuffix(".yaml") + CASES)
            found.append(File(path, _text(path), _text(cases) if cases.exists() else ""))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("%(file)s is not UTF-8 text (byte %(at)s). Save it as UTF-8.", file=path, at=error.start + 1)
        raise NoText(message) from error


def publish_folder(tx: Connection, actor: Actor, files: Iterable[File], *, now: int, dry: bool = False) -> list[Line]:
    """Check every file and publish what has changed. With anything wrong (or `dry`) nothing is published."""
    files = list(files)
    beside = _documents(files)
    lines = [_look(tx, file, beside) for file in files]
    if dry or any(line.state == "wrong" for line in lines):
        return lines
    return [
        line if line.state == "same" else _publish(tx, actor, file, line, now)
        for file, line in zip(files, lines, strict=True)
    ]


def _documents(files: Iterable[File]) -> dict[str, Sop]:
    """The documents of the folder by name, for those that run one another."""
    found: dict[str, Sop] = {}
    for file in files:
        try:
            sop = load(file.text)
        except SopError:
            continue
        found[sop.name] = sop
        if sop.department:
            found[f"{sop.department}/{sop.name}"] = sop
    return found


def _look(tx: Connection, file: File, beside: dict[str, Sop]) -> Line:
    names = known_names(tx)
    names = replace(names, sops=(names.sops or frozenset()) | beside.keys())
    checked = check(file.text, names, find=lambda name: beside.get(name) or _find(tx, name))
    if checked.sop is None:
        wrong = tuple(f"{file.path}:{one.line}:{one.column}: {one.message}" for one in checked.errors)
        return Line(file.path, file.path.stem, "wrong", details=wrong)
    sop = checked.sop
    if failing := _failing(sop, file, beside, examples_of(names.actions)):
        return Line(file.path, sop.name, "wrong", details=failing)
    old = _published(tx, sop)
    if old is None:
        return Line(file.path, sop.name, "new", 1)
    if old.sop.hash == sop.hash:
        return Line(file.path, sop.name, "same", old.number)
    told = tuple(one.text for one in differences(old.sop, sop)) or (_("spacing and comments"),)
    return Line(file.path, sop.name, "changed", old.number + 1, told)


def _find(tx: Connection, name: str) -> Sop | None:
    found = find_published(tx, name)
    return found.sop if found else None


def _failing(sop: Sop, file: File, beside: dict[str, Sop], examples: dict[str, Any]) -> tuple[str, ...]:
    if not file.cases.strip():
        return ()
    try:
        outcome = run_cases(sop, read_cases(file.cases), beside.get, examples)
    except CaseError as error:
        return tuple(f"{file.path.stem}{CASES}:{one}" for one in error.problems)
    return tuple(
        _("case “%(case)s”: %(why)s", case=verdict.case.name, why=verdict.failures[0].message)
        for verdict in outcome.verdicts
        if not verdict.passed
    )


def _published(tx: Connection, sop: Sop) -> Published | None:
    department = directory(tx).department_names.get(sop.department or "")
    return next((one for one in published(tx) if one.name == sop.name and one.department_id == department), None)


def _publish(tx: Connection, actor: Actor, file: File, line: Line, now: int) -> Line:
    sop = load(file.text)
    department = directory(tx).department_names.get(sop.department or "")
    done = publish(tx, actor, file.text, department_id=department, now=now)
    coverage = _coverage(tx, sop, file.cases)
    tx.execute(update(SopVersion).where(_v.id == done.version_id).values(cases=file.cases, coverage=coverage))
    return Line(line.path, line.name, line.state, done.number, line.details)


def _coverage(tx: Connection, sop: Sop, cases: str) -> int:
    """Percent of the document that its cases walk."""
    if not cases.strip():
        return 0
    return run_cases(sop, read_cases(cases), lambda name: _find(tx, name), examples(tx)).coverage.percent


def export_folder(tx: Connection, folder: Path) -> list[Path]:
    """Write every published SOP and its cases; answers what was written. Files of other SOPs stay."""
    firm = directory(tx)
    written = []
    for one in published(tx):
        row = tx.execute(select(_v.text, _v.cases).where(_v.id == one.version_id)).one()
        home = folder / firm.departments[one.department_id].name if one.department_id else folder
        home.mkdir(parents=True, exist_ok=True)
        for suffix, text in ((".yaml", row.text), (CASES, row.cases)):
            if text:
                path = home / f"{one.name}{suffix}"
                path.write_text(text, "utf-8")
                written.append(path)
    return written
