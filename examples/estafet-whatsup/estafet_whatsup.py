"""Customers write through a messenger like WhatsApp: its webhook brings their messages, its API takes our answers."""

import json
from datetime import UTC, datetime

import estafet
from estafet.http import Other


@estafet.hookimpl
def register_settings():
    return [
        estafet.Setting("site", title="Address of the messenger's API", kind="url", required=True),
        estafet.Setting("number", title="Our number", required=True),
        estafet.Setting("token", title="Access token", required=True, secret=True),
        estafet.Setting("secret", title="Secret of the webhook", required=True, secret=True),
    ]


@estafet.hookimpl
def register_channels():
    return [estafet.Channel("whatsup", title="WhatsUp")]


@estafet.hookimpl
def register_webhooks():
    return [estafet.Webhook("messages", secret="secret", header="X-Hub-Signature-256", prefix="sha256=")]


@estafet.hookimpl
def check_connection(settings):
    account = _messenger(settings).ask("GET", f"/{settings['number']}")
    return f"Connected as {account['name']}"


@estafet.hookimpl
def receive_webhook(delivery):
    """One delivery may carry messages of several customers; what is no text is named by its kind."""
    found = []
    for change in json.loads(delivery.body).get("changes", ()):
        names = {one["id"]: one["name"] for one in change.get("contacts", ())}
        for said in change.get("messages", ()):
            sender = said["from"]
            text = said["text"] if said.get("type", "text") == "text" else f"({said['type']})"
            at = datetime.fromtimestamp(int(said["at"]), UTC)
            found.append(estafet.Incoming("whatsup", said["id"], sender, sender, names.get(sender, ""), text, at))
    return found


@estafet.hookimpl
def send_message(message, settings):
    """The key goes along, so that the messenger can tell a repetition."""
    body = {"to": message.to, "type": "text", "text": message.text, "idempotency_key": message.key}
    sent = _messenger(settings).ask("POST", f"/{settings['number']}/messages", body=body)
    return estafet.ActionResult({"id": sent["id"]})


def _messenger(settings):
    return Other("The messenger", settings["site"], {"Authorization": f"Bearer {settings['token']}"})
