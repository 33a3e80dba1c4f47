"""`estafet x PLUGIN COMMAND`: what plugins add to the command line, run in a process of the plugin with its settings."""

from __future__ import annotations

import click

from core.settings import read_settings
from core.texts import _
from estafet.command import FOUND_WRONG, CannotRun


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("plugin_name", metavar="PLUGIN")
@click.argument("command", required=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def x(plugin_name: str, command: str | None, words: tuple[str, ...]) -> None:
    """Run a command that a plugin offers; without COMMAND, say which it has.

    \b
    Example:
      estafet x jira
    """
    from core.database import Database
    from core.plugins.registry import plugin
    from core.plugins.settings import settings_of
    from estafet.preparing import check_prepared
    from workflows.plugin_pool import PluginPool

    settings = read_settings()
    check_prepared(settings)
    database = Database(settings)
    try:
        with database.read() as tx:
            row = plugin(tx, plugin_name)
    finally:
        database.close()
    if row is None:
        raise CannotRun(
            _("There is no plugin “%(name)s”. Those that were published: estafet plugins list.", name=plugin_name)
        )
    offered = row.offered("commands")
    if command is None:
        for one in offered:
            click.echo(f"{one['name']:<20} {one['help']}")
        return
    if not row.works:
        raise CannotRun(_("Plugin “%(name)s” is off or cannot be loaded. Try again when it is back.", name=plugin_name))
    if command not in {one["name"] for one in offered}:
        known = ", ".join(one["name"] for one in offered) or "–"
        raise CannotRun(
            _(
                "Plugin “%(name)s” has no command “%(word)s”. It has: %(known)s.",
                name=plugin_name,
                word=command,
                known=known,
            )
        )
    pool = PluginPool()
    try:
        question = {"do": "command", "command": command, "words": list(words), "settings": settings_of(settings, row)}
        answer = pool.ask(row.source, question)
    finally:
        pool.close()
    if not answer.ok:
        click.echo(answer.detail or answer.how, err=True)
        raise SystemExit(FOUND_WRONG)
    if answer.value:
        click.echo(answer.value)
