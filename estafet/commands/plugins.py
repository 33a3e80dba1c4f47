"""`estafet plugins …`: run the plugin host, list and check plugins, begin a new one."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.settings import read_settings
from core.texts import _, ngettext
from estafet.command import FOUND_WRONG, CannotRun

if TYPE_CHECKING:
    from core.plugins.publishing import Found
    from core.settings import Settings


@click.group()
def plugins() -> None:
    """Plugins: what is installed, whether it is sound, and the process in which it runs.

    \b
    Example:
      estafet plugins new hello && estafet plugins check
    """


@plugins.command()
def run() -> None:
    """Run the plugin host: plugins' calls and facts, in processes of their own.

    \b
    Example:
      TEMPORAL_ADDRESS=temporal:7233 ESTAFET_DATABASE_URL=postgresql://estafet@db/estafet estafet plugins run
    """
    from core.logs import set_up_logs
    from estafet.commands.worker import say_ready
    from estafet.preparing import check_prepared
    from workflows.plugin_host import serve

    settings = read_settings()
    check_prepared(settings)
    set_up_logs("plugins")
    asyncio.run(serve(settings, when_ready=say_ready()))


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def list_(*, as_json: bool) -> None:
    """What the plugin host has published: versions, switches, actions.

    \b
    Example:
      estafet plugins list --json
    """
    from core.database import Database
    from core.plugins.registry import plugins as published
    from estafet.preparing import check_prepared

    settings = read_settings()
    check_prepared(settings)
    database = Database(settings)
    with database.read() as tx:
        rows = published(tx)
    database.close()
    if as_json:
        shown = ("name", "version", "present", "enabled", "off_reason", "error", "hooks")
        lines = [
            {**{name: getattr(row, name) for name in shown}, "actions": [a["name"] for a in row.actions]}
            for row in rows
        ]
        click.echo(json.dumps(lines, indent=2))
        return
    for row in rows:
        state = row.error or (
            _("works") if row.works else _("switched off") if row.present else _("no longer installed")
        )
        click.echo(f"{row.name:<20} {row.version:<10} {state}")
    if not rows:
        click.echo(_("No plugin has been published yet. Start the plugin host: estafet plugins run (estafet up does)."))


@plugins.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def check(*, as_json: bool) -> None:
    """Load every installed plugin as the host would, and say what is wrong. Needs no database.

    \b
    Example:
      estafet plugins check
    """
    found = _read(read_settings())
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            click.echo(f"{one.name:<20} {one.error or _summary(one)}")
        if not found:
            click.echo(_("No plugin is installed. Begin one with: estafet plugins new NAME"))
    if any(one.error for one in found):
        sys.exit(FOUND_WRONG)


@plugins.command()
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path), help="Folder; plugins/ in ESTAFET_HOME when left out.")
def new(name: str, into: Path | None) -> None:
    """Write a small working plugin NAME, with tests that pass.

    \b
    Example:
      estafet plugins new hello
    """
    from core.plugins.discovery import NAME
    from estafet.new_plugin import write_plugin

    if not NAME.fullmatch(name):
        raise CannotRun(
            _("“%(name)s” is no name for a plugin. Use small letters, digits and _, a letter first.", name=name)
        )
    folder = into or read_settings().home / "plugins"
    try:
        written = write_plugin(folder, name)
    except FileExistsError as error:
        raise CannotRun(_("%(file)s is there already. Choose another name.", file=error.filename)) from error
    for path in written:
        click.echo(path)
    click.echo(_("Try it: pytest %(file)s, then estafet plugins check.", file=written[-1]))


def _read(settings: Settings) -> list[Found]:
    from core.plugins.discovery import find_sources
    from core.plugins.reading import read_sources
    from workflows.plugin_host import forget_secrets
    from workflows.plugin_pool import PluginPool

    sources = find_sources(settings)
    forget_secrets(settings)
    pool = PluginPool()
    try:
        return read_sources(pool, sources)
    finally:
        pool.close()


def _summary(one: Found) -> str:
    actions: list[Any] = list(one.actions)
    counted = ngettext("%(n)s action", "%(n)s actions", len(actions))
    hooks = ngettext("%(n)s hook", "%(n)s hooks", len(one.hooks))
    return f"{one.version:<10} {counted}, {hooks}"
