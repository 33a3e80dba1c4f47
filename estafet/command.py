"""The command line `estafet`. Each command is a module of its own, loaded when it is called, so that starting stays quick."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import TYPE_CHECKING, Any

import click

from core.texts import best_language, set_language

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, FOUND_WRONG, COULD_NOT_RUN = 0, 1, 2


class CannotRun(click.ClickException):
    """One clear sentence, exit 2."""

    exit_code = COULD_NOT_RUN


class LazyGroup(click.Group):
    """A group whose commands are named as `module:attribute` and imported when needed."""

    def __init__(self, *args: Any, lazy: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        there = [name for name, place in self.lazy.items() if importlib.util.find_spec(place.split(":")[0])]
        return [*there, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self.lazy.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, attribute = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        from core.errors import UpgradeError
        from core.settings import SettingsError

        try:
            return super().invoke(ctx)
        except (SettingsError, UpgradeError) as error:
            raise CannotRun(str(error)) from error


_COMMANDS = {
    "up": "estafet.commands.up:up",
    "web": "estafet.commands.web:web",
    "worker": "estafet.commands.worker:worker",
    "smtp": "estafet.commands.smtp:smtp",
    "plugins": "estafet.commands.plugins:plugins",
    "x": "estafet.commands.x:x",
    "db": "estafet.commands.database:db",
    "people": "estafet.commands.people:people",
    "org": "estafet.commands.org:org",
    "sop": "estafet.commands.sop:sop",
    "calendar": "estafet.commands.calendar:calendar",
    "clocks": "estafet.commands.clocks:clocks",
    "figures": "estafet.commands.figures:figures",
    "demo": "estafet.commands.demo:demo",
    "standins": "estafet.commands.standins:standins",
    "doctor": "estafet.commands.doctor:doctor",
    "chaos": "estafet.commands.chaos:chaos",
    "version": "estafet.commands.version:version",
}


@click.group(cls=LazyGroup, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Estafet: a help desk that runs every ticket as a durable workflow.

    \b
    Start everything on this machine:
      estafet up

    Exit codes: 0 = fine, 1 = found something wrong, 2 = could not run. Settings come from the environment: docs/running.md.
    """


def main() -> None:
    """Run the command line in the language of the terminal."""
    set_language(best_language(os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")))
    cli(prog_name="estafet")
