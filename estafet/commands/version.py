"""`estafet version`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version as version_of

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def version(*, as_json: bool) -> None:
    """Say which version this is.

    \b
    Example:
      estafet version --json
    """
    facts = {
        "estafet": version_of("estafet"),
        "python": platform.python_version(),
        "temporalio": version_of("temporalio"),
        "sqlalchemy": version_of("sqlalchemy"),
    }
    click.echo(json.dumps(facts) if as_json else f"estafet {facts['estafet']}")
