"""`estafet people`: who works here."""

from __future__ import annotations

import json
import secrets
import sys
from typing import TYPE_CHECKING

import click

from core.actors import SYSTEM
from core.database import Database
from core.directory import directory
from core.errors import FieldError, Invalid
from core.organisation import ROLES, NewPerson, add_person
from core.people import check_password, hash_password
from core.settings import read_settings
from core.texts import LANGUAGES, _
from estafet.command import FOUND_WRONG

if TYPE_CHECKING:
    from sqlalchemy import Connection


@click.group()
def people() -> None:
    """Add people from the command line: the first manager, above all."""


@people.command()
@click.argument("email")
@click.option("--name", required=True, help="How others see them.")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--department", help="The department's name; only a manager needs none.")
@click.option("--team", "teams", multiple=True, help="A team's name; may be given again.")
@click.option("--language", type=click.Choice(LANGUAGES), default="id", show_default=True)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else one is made and shown."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def add(
    email: str,
    name: str,
    role: str,
    department: str | None,
    teams: tuple[str, ...],
    language: str,
    *,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add a person; exit 1 when a value is wrong.

    \b
    Example:
      estafet people add rina@example.com --name "Rina Wijaya" --role manager
    """
    settings = read_settings()
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    database = Database(settings)
    try:
        with database.write() as tx:
            check_password(password)
            new = NewPerson(
                email,
                name,
                role,
                _department(tx, role, department),
                _teams(tx, teams),
                language=language,
                password_hash=hash_password(password),
            )
            person_id = add_person(tx, SYSTEM, new)
    except Invalid as wrong:
        if as_json:
            click.echo(json.dumps({"errors": [{"pointer": e.pointer, "message": e.message} for e in wrong.errors]}))
        else:
            for error in wrong.errors:
                click.echo(error.message, err=True)
        sys.exit(FOUND_WRONG)
    finally:
        database.close()
    if as_json:
        click.echo(json.dumps({"id": person_id, "email": email, **({} if password_stdin else {"password": password})}))
        return
    click.echo(_("%(name)s can sign in at %(url)s with %(email)s.", name=name, url=settings.public_url, email=email))
    if not password_stdin:
        click.echo(_("The password is %(password)s; they can change it there.", password=password))


def _department(tx: Connection, role: str, name: str | None) -> int | None:
    if name is None and role == "manager":
        return None
    known = directory(tx).department_names
    if name not in known:
        names = ", ".join(known) or "–"
        raise Invalid(
            FieldError(
                "/department",
                _("Only a manager needs no department. Name one with --department: %(names)s.", names=names),
            )
            if name is None
            else FieldError(
                "/department", _("There is no department “%(name)s”. There are: %(names)s.", name=name, names=names)
            )
        )
    return known[name]


def _teams(tx: Connection, names: tuple[str, ...]) -> tuple[int, ...]:
    known = directory(tx).team_names
    if unknown := [name for name in names if name not in known]:
        raise Invalid(
            FieldError(
                "/teams",
                _("There is no team “%(name)s”. There are: %(names)s.", name=unknown[0], names=", ".join(known) or "–"),
            )
        )
    return tuple(known[name] for name in names)
