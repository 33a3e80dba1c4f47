"""What the plugin does in Trello, against the stand-in over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

import estafet
from core.plugins.labels import said
from plugins.standins.trello import LABELS, LISTS
from plugins.trello import cards, check_connection, commenting, keep_webhooks, look_at, ticket_panel

TODO, DOING, DONE = LISTS
URGENT = next(iter(LABELS))


def test_card_is_made_with_everything(standin, make_call):
    call = make_call(
        "create",
        list="doing",
        labels=["urgent"],
        due="2026-12-24",
        checklist=["Open it", "Close it"],
        description="Dead",
        step="repair",
    )
    made = cards.create(call)
    (card,) = standin.cards
    assert (made.ref, made.title, made.state, made.step) == (card["short"], "Nothing is printed", "Doing", "repair")
    assert made.values["labels"] == ["Urgent"]
    assert (card["due"], card["labels"]) == ("2026-12-24", [URGENT])
    assert [item["name"] for item in card["checklists"][0]["checkItems"]] == ["Open it", "Close it"]
    assert card["desc"].startswith("Dead\n\n[Ticket 4711](http://desk.example/tickets/4711#estafet-")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"board": "Nowhere"}, "Trello has no board “Nowhere”. There are: Support."),
        ({"list": "Later"}, "Trello has no list “Later”. There are: To do, Doing, Done."),
        ({"labels": ["Red"]}, "Trello has no label “Red”. There are: Urgent, Billing, Printer."),
    ],
)
def test_wrong_name_is_said_with_the_right_ones(standin, make_call, arguments, words):
    with pytest.raises(estafet.PermanentFailure) as raised:
        cards.create(make_call("create", **arguments))
    assert str(raised.value) == words
    assert standin.cards == []


def test_lost_creation_is_found_and_completed(standin, make_call):
    call = make_call("create", checklist=["One", "Two"])
    assert cards.find(call) is None
    standin.fault("status", "POST /1/checklists/", status=429, headers={"Retry-After": "3"})
    with pytest.raises(estafet.OutcomeUnknown, match="The card was made, and then: Trello asks to wait 3 seconds"):
        cards.create(call)
    for _n in range(2):
        assert cards.find(call).ref == standin.cards[0]["short"]
    (checklist,) = standin.cards[0]["checklists"]
    assert [item["name"] for item in checklist["checkItems"]] == ["One", "Two"]
    assert cards.find(make_call("create", key="another")) is None


def test_existing_card_is_attached_once(standin, make_call):
    made = standin.trello.create({"idList": TODO, "name": "Old card"}, "m1")
    for address in (f"https://trello.com/c/{made['short']}/12-old-card", made["short"], made["id"]):
        assert cards.attach(make_call("attach", card=address)).ref == made["short"]
    assert [one["url"] for one in made["attachments"]] == ["http://desk.example/tickets/4711"]
    with pytest.raises(estafet.PermanentFailure, match="is no card"):
        cards.attach(make_call("attach", card="the blue one"))
    with pytest.raises(estafet.PermanentFailure, match="does not know it"):
        cards.attach(make_call("attach", card="AbCd1234"))


def test_card_moves_to_done_once(standin, make_call):
    ref = cards.create(make_call("create")).ref
    assert cards.move(make_call("move", links=(ref,), list="doing")).state == "Doing"
    assert cards.move(make_call("move", card=ref)).values["done"] is True
    cards.move(make_call("move", card=ref))
    assert len([line for line in standin.asked if line.startswith("PUT")]) == 2
    with pytest.raises(estafet.PermanentFailure, match="No list means"):
        cards.move(make_call("move", card=ref, settings={"done_lists": ""}))


def test_completed_task_wants_its_card_moved(standin, ticket):
    links = (
        estafet.Link("aaaaaaaa", None, "", "", None, True, "repair"),
        estafet.Link("bbbbbbbb", None, "", "", "work/repair", True),
        estafet.Link("cccccccc", None, "", "", None, True, "other"),
        estafet.Link("dddddddd", None, "", "", None, False, "repair"),
    )
    step = estafet.Step("repair", "work/repair", "task", "done")
    wishes = cards.wishes_for(step, replace(ticket, links=links), standin.settings())
    assert [one.arguments["card"] for one in wishes] == ["aaaaaaaa", "bbbbbbbb"]
    tasked = replace(ticket, links=links, tasks=(estafet.Task("repair", "Repair it"),))
    wishes = cards.wishes_for(step, tasked, standin.settings(done_lists=""))
    assert [(one.action, one.arguments) for one in wishes] == [
        ("trello.tick", {"card": "cccccccc", "item": "Repair it"})
    ]


def test_comment_is_found_by_its_mark(standin, make_call):
    ref = cards.create(make_call("create")).ref
    call = make_call("comment", links=(ref,), by="Dewi", text="Look here")
    assert commenting.find(call) is None
    standin.fault("cut", "POST /1/cards")
    with pytest.raises(estafet.OutcomeUnknown):
        commenting.comment(call)
    assert commenting.find(call).values["card"] == ref
    assert standin.cards[0]["comments"][0]["text"].startswith("Dewi: Look here\n\n[Ticket 4711](")


def test_slow_look_and_panel_show_cards(standin, make_call, ticket):
    ref = cards.create(make_call("create", due="2026-12-24", labels=["Billing"])).ref
    standin.trello.comment(standin.cards[0], "Seen", "m1")
    standin.trello.change(standin.cards[0], "m1", complete=True)
    now, gone = look_at([ref, "AbCd1234"], standin.settings())
    assert (now.state, now.done, now.gone, [one.text for one in now.comments]) == ("To do", True, False, ["Seen"])
    assert (gone.gone, gone.state) == (True, "deleted")
    standin.trello.change(standin.cards[0], "m1", closed=True)
    assert look_at([ref], standin.settings())[0].state == "archived"
    links = tuple(estafet.Link(one, None, "", "", None, True) for one in (ref, "AbCd1234"))
    shown = ticket_panel(replace(ticket, links=links), standin.settings())
    assert [(said(one.label), said(one.value)) for one in shown.facts] == [
        ("Card", "Nothing is printed"), ("List", "To do"), ("Due", "2026-12-24"), ("Labels", "Billing"), ("Card", "AbCd1234 no longer exists"),
    ]  # fmt: skip


def test_webhook_is_registered_after_head_and_repaired(standin, ear):
    callbacks = {"boards": ear.url}
    assert keep_webhooks(callbacks, standin.settings()) == "Webhooks registered: 1, repaired: 0, of 1."
    assert keep_webhooks(callbacks, standin.settings()) == "Webhooks are registered: 1."
    (hook,) = standin.trello.kept.data["webhooks"].values()
    hook["active"] = False
    assert keep_webhooks(callbacks, standin.settings()) == "Webhooks registered: 0, repaired: 1, of 1."
    assert hook["active"] is True
    with pytest.raises(estafet.PermanentFailure, match="did not return 200"):
        keep_webhooks({"boards": "http://127.0.0.1:9/nothing"}, standin.settings())
    assert "no app secret" in keep_webhooks(callbacks, standin.settings(app_secret=""))
    assert "No board" in keep_webhooks(callbacks, standin.settings(board=""))


def test_connection_test_says_who_and_where(standin):
    assert (
        check_connection(standin.settings(done_lists="Done"))
        == "Trello answers, and knows the account as Estafet. The usual board is Support."
    )
    with pytest.raises(estafet.PermanentFailure, match="no list “Finished”"):
        check_connection(standin.settings())
    with pytest.raises(estafet.PermanentFailure, match="does not accept the login"):
        check_connection(standin.settings(token="old"))


def test_internal_comments_go_as_chosen(ticket):
    linked = replace(ticket, links=(estafet.Link("aaaaaaaa", None, "", "", None, True),))
    event = estafet.Event(1, 1, "comment.added", datetime.now(UTC), "person", {})
    for choice, text, wanted in (
        ("none", "@trello x", []),
        (commenting.MARKED, "x", []),
        (commenting.MARKED, "@trello x", ["x"]),
        ("all", "x", ["x"]),
    ):
        message = estafet.Message(1, "internal", "Dewi", text, datetime.now(UTC))
        wishes = commenting.wishes_for(event, linked, message, {"send_comments": choice})
        assert [one.arguments["text"] for one in wishes] == wanted
