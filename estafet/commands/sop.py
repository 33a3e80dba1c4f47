"""`estafet sop`: procedures from the command line."""

from __future__ import annotations

import click

from estafet.command import LazyGroup


@click.group(
    cls=LazyGroup,
    lazy={
        "check": "estafet.commands.sop_check:check_files",
        "schema": "estafet.commands.sop_check:schema",
        "test": "estafet.commands.sop_test:test",
    },
)
def sop() -> None:
    """Check and test procedures (SOPs) written in YAML.

    \b
    Example:
      estafet sop check refund.yaml --names names.yaml
    """
