"""`estafet chaos`: the fault suite, on this machine."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from core.texts import _
from estafet.command import FOUND_WRONG, OK


@click.command()
@click.option("--tickets", default=60, show_default=True, help="How many customers come.")
@click.option("--kills", default=10, show_default=True, help="How many processes are killed with kill -9 meanwhile.")
@click.option("--seed", default=1, show_default=True, help="Draws the plan.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def chaos(tickets: int, kills: int, seed: int, *, as_json: bool) -> None:
    """Run a house of its own in a temporary folder, kill its processes at random instants, and check that nothing was lost or done twice.

    \b
    Example:
      estafet chaos --tickets 300 --kills 40
    """
    from estafet.chaos.running import Plan, run

    with tempfile.TemporaryDirectory(prefix="estafet-chaos-") as folder:
        verdict = run(Plan(tickets, kills, seed), Path(folder) / "home")
    if as_json:
        click.echo(json.dumps({"counts": verdict.counts, "wrong": verdict.wrong}, indent=2))
    else:
        for name, value in verdict.counts.items():
            click.echo(f"{name:<28} {value}")
        click.echo(_("Nothing was lost, nothing happened twice.") if not verdict.wrong else "\n".join(verdict.wrong))
    sys.exit(FOUND_WRONG if verdict.wrong else OK)
