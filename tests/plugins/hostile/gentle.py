"""A plugin that does what it should, beside the hostile one."""

import estafet


@estafet.hookimpl
def register_actions():
    return [estafet.Action("gentle.echo", lambda call: {"said": call.arguments["word"]})]
