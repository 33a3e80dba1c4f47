"""Every hook a plugin may have, each as small as it can be. The pages of docs/plugins/hooks quote this file, and the tests run it."""

import json

from marshmallow import Schema, fields, validate

import estafet

# ---- start-up


@estafet.hookimpl
def register_settings():
    return Schema.from_dict(
        {
            "site": fields.Url(load_default="https://board.example", metadata={"title": "Address"}),
            "secret": fields.String(
                validate=validate.Length(min=6), metadata={"title": "Secret of the webhook", "secret": True}
            ),
        }
    )


@estafet.hookimpl
def register_actions():
    arguments = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    return [estafet.Action("every_hook.create", create, title="Create a card", arguments=arguments, on_ticket=True)]


def create(call):
    return estafet.ActionResult({"status": "Open"}, ref="CARD-1", title=call.arguments["title"], state="Open")


@estafet.hookimpl
def register_webhooks():
    return [estafet.Webhook("news", secret="secret", header="X-Signature", prefix="sha256=")]


@estafet.hookimpl
def register_channels():
    return [estafet.Channel("pigeon", title="Pigeon post")]


@estafet.hookimpl
def register_panels():
    return [
        estafet.Panel("cards", title={"en": "Cards", "id": "Kartu"}),
        estafet.Panel("owner", title="Owner", where="customer"),
    ]


@estafet.hookimpl
def register_templates():
    subject = {"en": "Your card: {{ ticket.subject }}", "id": "Kartu Anda: {{ ticket.subject }}"}
    text = {"en": "We made a card of it.", "id": "Kami telah membuatkan kartunya."}
    return [estafet.Template("card_made", title="A card was made", subject=subject, text=text)]


@estafet.hookimpl
def register_routing_strategies():
    return ["by_name"]


@estafet.hookimpl
def register_commands():
    return [estafet.Command("say", lambda words, settings: f"{settings['site']}: {' '.join(words)}", help="Say words.")]


# ---- decisions


@estafet.hookimpl
def check_connection(settings):
    return f"{settings['site']} answers"


@estafet.hookimpl
def keep_webhooks(callbacks):
    return f"registered: {', '.join(sorted(callbacks))}"


@estafet.hookimpl
def receive_webhook(delivery):
    said = json.loads(delivery.body)
    if "text" in said:
        return [estafet.Incoming("pigeon", said["id"], said["loft"], said["loft"], said["name"], said["text"])]
    return [estafet.Outside(said["card"], {"status": said["list"]}, state=said["list"], done=said["list"] == "Done")]


@estafet.hookimpl
def look_at(refs):
    return [estafet.Outside(ref, {"status": "Done"}, state="Done") for ref in refs]


@estafet.hookimpl
def send_message(message):
    print(f"to {message.to}: {message.text}")
    return estafet.ActionResult(ref=message.key)


@estafet.hookimpl
def ticket_panel(panel, ticket):
    return estafet.PanelContent(tuple(estafet.Fact(link.ref, link.state, url=link.url) for link in ticket.links))


@estafet.hookimpl
def customer_panel(panel, customer):
    return estafet.PanelContent((estafet.Fact("Owner", "Ana", tone="good"),), note=f"Customer {customer.name}")


@estafet.hookimpl
def suggest_articles(ticket):
    return [estafet.Suggestion("How to dry a floor", url="https://wiki.example/dry", score=0.9)]


@estafet.hookimpl
def suggest_replies(ticket):
    return [estafet.Suggestion("Tomorrow", body="We come tomorrow.", score=0.5)]


@estafet.hookimpl
def suggest_sops(ticket):
    return [estafet.Suggestion("Repair a fridge", ref="repair", score=0.7)]


@estafet.hookimpl
def choose_agent(strategy, ticket, candidates):
    free = [one for one in candidates if one.limit is None or one.open < one.limit]
    return min(free, key=lambda one: one.name).id if free else None


# ---- facts


@estafet.hookimpl
def ticket_opened(event, ticket):
    print(f"event {event.id}: ticket {ticket.id} from {ticket.customer.name}")


@estafet.hookimpl
def customer_replied(event, ticket, message):
    print(f"the customer wrote: {message.text if message else '(erased)'}")


@estafet.hookimpl
def message_sent(event, ticket, message):
    print(f"we wrote on ticket {ticket.id}")


@estafet.hookimpl
def comment_added(event, ticket, message):
    if event.data.get("plugin") == "every_hook" or message is None:
        return None
    return [estafet.Wish("every_hook.create", {"title": message.text[:40]})]


@estafet.hookimpl
def customer_rated(event, ticket):
    print(f"ticket {ticket.id} was rated {event.data['score']} of {event.data['max']} ({event.data['type']})")


@estafet.hookimpl
def customer_withdrew(event, ticket):
    print(f"ticket {ticket.id} is no longer needed")


@estafet.hookimpl
def link_changed(event, ticket):
    print(f"{event.data['ref']}: {event.data['op']}")


@estafet.hookimpl
def ticket_assigned(event, ticket):
    print(f"ticket {ticket.id} is now with {event.data['to']}")


@estafet.hookimpl
def ticket_changed(event, ticket):
    print(f"ticket {ticket.id} was changed")


@estafet.hookimpl
def step_opened(event, ticket, step):
    print(f"{step.name} is open")


@estafet.hookimpl
def step_done(event, ticket, step):
    print(f"{step.name} ended: {step.outcome}")


@estafet.hookimpl
def task_completed(event, ticket, step):
    print(f"{step.name} was completed")


@estafet.hookimpl
def ticket_resolved(event, ticket):
    print(f"ticket {ticket.id} is resolved")


@estafet.hookimpl
def ticket_reopened(event, ticket):
    print(f"ticket {ticket.id} is open again")


@estafet.hookimpl
def ticket_merged(event, ticket):
    print(f"ticket {ticket.id} was merged")


@estafet.hookimpl
def ticket_closed(event, ticket):
    print(f"ticket {ticket.id} is closed")


@estafet.hookimpl
def clock_warned(event, ticket):
    print(f"hurry: ticket {ticket.id}")


@estafet.hookimpl
def clock_breached(event, ticket):
    print(f"too late: ticket {ticket.id}")


@estafet.hookimpl
def article_published(event):
    print(f"event {event.id}: an article was published")
