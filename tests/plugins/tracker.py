"""A plugin for tests: a tracker of issues whose webhooks say in JSON what is to be known, and whose book is a file."""

import json
import pathlib
from datetime import datetime

import estafet

OBJECT = {"type": "object", "properties": {"title": {"type": "string"}, "step": {"type": "string"}}}


@estafet.hookimpl
def register_settings():
    return [
        estafet.Setting("book", required=True),
        estafet.Setting("secret", secret=True),
        estafet.Setting("mode", default=""),
    ]


@estafet.hookimpl
def register_actions():
    return [
        estafet.Action("tracker.create", create, title="Create an issue", arguments=OBJECT, on_ticket=True),
        estafet.Action("tracker.say", say, title="Comment", repeatable=True),
    ]


@estafet.hookimpl
def register_webhooks():
    return [
        estafet.Webhook("news", "secret", "X-Signature", prefix="sha256=", delivery_header="X-Delivery"),
        estafet.Webhook("board", "secret", "X-Board", algorithm="hmac-sha1", encoding="base64", with_url=True),
        estafet.Webhook("timed", "secret", "X-Signature", timestamp_header="X-Moment"),
        estafet.Webhook("plain", "secret", "X-Token", algorithm="token"),
    ]


@estafet.hookimpl
def register_channels():
    return [estafet.Channel("pigeon", "Pigeon post")]


@estafet.hookimpl
def register_panels():
    return [estafet.Panel("issues", "Issues"), estafet.Panel("owner", "Owner", where="customer")]


@estafet.hookimpl
def register_commands():
    return [estafet.Command("count", lambda words, settings: f"{len(words)} words, {settings['mode']}", "Count words.")]


@estafet.hookimpl
def register_routing_strategies():
    return ["by_name"]


@estafet.hookimpl
def choose_agent(strategy, candidates):
    return min(candidates, key=lambda one: one.name).id


def note(settings, **what):
    with pathlib.Path(settings["book"]).open("a") as book:
        book.write(json.dumps(what) + "\n")


def create(call):
    note(call.settings, created=call.key, by=call.by, fields=dict(call.ticket.fields))
    ref = call.arguments.get("title", "T") + "-1"
    return estafet.ActionResult(
        {"status": "Open"}, ref=ref, url=f"https://tracker.example/{ref}", title="Issue", state="Open",
        step=call.arguments.get("step"),
    )  # fmt: skip


def say(call):
    note(call.settings, said=call.arguments["text"], step=None if call.step is None else call.step.name)


@estafet.hookimpl
def receive_webhook(delivery, settings):
    if settings["mode"] == "broken":
        raise ValueError("not now")
    said = json.loads(delivery.body)
    found = []
    for one in said if isinstance(said, list) else [said]:
        if "at" in one:
            one["at"] = datetime.fromisoformat(one["at"])
        if "channel" in one:
            found.append(estafet.Incoming(**one))
            continue
        one["comments"] = tuple(estafet.Comment(**comment) for comment in one.get("comments", ()))
        if "due" in one.get("changes", {}):
            one["changes"]["due"] = datetime.fromisoformat(one["changes"]["due"])
        found.append(estafet.Outside(**one))
    return found


@estafet.hookimpl
def look_at(refs, settings):
    note(settings, looked=list(refs))
    return [estafet.Outside(ref, {"status": "Done"}, state="Done") for ref in refs]


@estafet.hookimpl
def keep_webhooks(callbacks, settings):
    if settings["mode"] == "broken":
        raise estafet.TemporaryFailure("the tracker is away")
    note(settings, kept=sorted(callbacks.values()))
    return f"{len(callbacks)} webhooks"


@estafet.hookimpl
def send_message(message, settings):
    note(settings, sent=message.text, to=message.to, key=message.key)
    return estafet.ActionResult()


@estafet.hookimpl
def ticket_panel(panel, ticket, settings):
    if settings["mode"] == "broken":
        raise ValueError("not now")
    facts = tuple(estafet.Fact(link.ref, link.state, link.url, "good", "Issues") for link in ticket.links)
    return estafet.PanelContent(facts, note=f"{panel} of {ticket.subject}")


@estafet.hookimpl
def customer_panel(panel, customer):
    return estafet.PanelContent((estafet.Fact("Name", customer.name),))


@estafet.hookimpl
def suggest_replies(ticket):
    return [estafet.Suggestion("Later", "Later.", score=0.1), estafet.Suggestion("Now", "At once.", score=0.9)]


@estafet.hookimpl
def comment_added(event, ticket, message, settings):
    if event.data.get("plugin") == "tracker":
        return None
    return [estafet.Wish("tracker.say", {"text": message.text}) for link in ticket.links if link.open]
