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
        "simulate": "estafet.commands.sop_simulate:simulate",
        "replay": "estafet.commands.sop_replay:replay_past",
        "publish": "estafet.commands.sop_files:publish",
        "export": "estafet.commands.sop_files:export",
    },
)
def sop() -> None:
    """Check, test, try, publish and export procedures (SOPs) written in YAML.

    \b
    Example:
      estafet sop check refund.yaml --names names.yaml
    """
