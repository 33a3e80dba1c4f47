"""What plugins know stands beside the ticket after the page is there; people press their actions; the plugins page says how doors fare."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import insert, select, update

from core.moments import now_ms
from core.plugins.linking import links_of
from core.plugins.publishing import Found, publish
from core.schema import Effect, Link, PanelKept, Person, PluginState, WebhookDelivery, WebhookState
from core.timeline import timeline_page
from tests.web.conftest import post

ACTION = {
    "name": "desk.create",
    "title": {"en": "Create a card", "id": "Buat kartu"},
    "arguments": {
        "type": "object",
        "properties": {
            "title": {"type": "string", "title": {"en": "Title", "id": "Judul"}, "maxLength": 20},
            "board": {"type": "string", "enum": ["Repairs", "Ideas"]},
            "points": {"type": "integer"},
            "labels": {"type": "array", "items": {"type": "string"}},
            "urgent": {"type": "boolean"},
        },
        "required": ["title"],
    },
    "result": None,
    "finds": False,
    "lag": 0,
    "repeatable": False,
    "irreversible": False,
    "on_ticket": True,
}
OFFERS = {
    "webhooks": [{"name": "news", "secret": "secret", "header": "X", "algorithm": "token", "prefix": ""}],
    "panels": [{"name": "deal", "title": {"en": "Deal", "id": "Transaksi"}, "where": "ticket", "refresh": 300.0}],
}
FACTS = {
    "facts": [
        {
            "label": {"en": "Stage", "id": "Tahap"},
            "value": "Won",
            "url": "https://crm.example/1",
            "tone": "good",
            "group": "Deal",
        },
        {"label": "Invoice", "value": "overdue", "url": "javascript:alert(1)", "tone": "bad", "group": "Money"},
    ],
    "note": "Since <2020>.",
}
REPLIES = {"suggestions": [{"title": "Later", "body": "We come tomorrow.", "url": None, "score": 1.0, "ref": None}]}


@pytest.fixture
def known(firm, ticket_id):
    """A plugin whose last answers are kept, and whose newest try failed."""
    now = now_ms()
    with firm.write() as tx:
        hooks = ("ticket_panel", "suggest_replies", "receive_webhook")
        publish(tx, [Found("desk", "1.2", {}, (ACTION,), (), hooks, OFFERS)], now)
        tx.execute(update(PluginState).values(kept_at=now, keep_ok=False, keep_words="the board is away"))
        common = {"plugin": "desk", "subject": "ticket", "subject_id": ticket_id, "at": now}
        tx.execute(insert(PanelKept).values(**common, panel="deal", content=FACTS, failure="the CRM is down"))
        tx.execute(insert(PanelKept).values(**common, panel="suggest_replies", content=REPLIES))
        link = {"plugin": "desk", "ref": "CARD-7", "ticket_id": ticket_id, "title": "A card", "state": "Doing"}
        tx.execute(insert(Link).values(**link, url="https://board.example/7", seen_at=now, made_at=now))
        door = {"plugin": "desk", "webhook": "news", "taken": 4, "taken_at": now, "refused": 2, "refused_at": now}
        tx.execute(insert(WebhookState).values(**door, refused_why="wrong"))
        came = {"plugin": "desk", "webhook": "news", "key": "k", "body": "{}", "received_at": now, "tries": 5}
        tx.execute(insert(WebhookDelivery).values(**came, state="parked", detail="ValueError: not now"))
    return firm


def effects(firm):
    with firm.read() as tx:
        return tx.execute(select(Effect.__table__).where(Effect.plugin == "desk")).all()


def test_what_plugins_know_comes_after_the_page(known, signed_in, ticket_id):
    client = signed_in("dewi")
    page = client.get(f"/tickets/{ticket_id}").text
    assert f'data-outside="/tickets/{ticket_id}/outside"' in page
    assert "CARD-7" not in page
    part = client.get(f"/tickets/{ticket_id}/outside", headers={"X-Requested-With": "fetch"}).text
    for words in ("CARD-7", "https://board.example/7", "Doing", "Won", "Since &lt;2020&gt;.", "We come tomorrow."):
        assert words in part
    assert "the CRM is down" in part  # beside the last good answer
    assert "javascript:" not in part
    assert "<html" not in part
    assert "<html" in client.get(f"/tickets/{ticket_id}/outside").text


def test_box_and_button_speak_the_readers_language(known, signed_in, ticket_id):
    client = signed_in("dewi")
    with known.write() as tx:
        tx.execute(update(Person).where(Person.email.like("dewi%")).values(language="id"))
    part = client.get(f"/tickets/{ticket_id}/outside", headers={"X-Requested-With": "fetch"}).text
    for words in ("Buat kartu", "Judul", "Transaksi", "Tahap"):
        assert words in part
    assert "Create a card" not in part


def test_nobody_waits_for_a_plugin(known, signed_in, ticket_id):
    with known.write() as tx:
        tx.execute(update(PanelKept).values(at=now_ms() - 3_600_000))
    client = signed_in("dewi")
    part = client.get(f"/tickets/{ticket_id}/outside", headers={"X-Requested-With": "fetch"}).text
    assert "data-waiting" in part
    assert "Won" in part
    with known.read() as tx:
        assert tx.execute(select(PanelKept.wanted_at).where(PanelKept.panel == "deal")).scalar_one()


def test_action_is_wanted_once(known, signed_in, ticket_id):
    client = signed_in("dewi")
    form = {"title": "Fix it", "board": "Repairs", "points": "3", "labels": "red, hot", "urgent": "on", "nonce": "n1"}
    for _turn in range(2):
        assert post(client, f"/tickets/{ticket_id}/actions/desk.create", form).status_code == 303
    [effect] = effects(known)
    arguments = {"title": "Fix it", "board": "Repairs", "points": 3, "labels": ["red", "hot"], "urgent": True}
    assert effect.payload["arguments"] == arguments
    assert effect.state == "planned"
    assert "desk.create" in client.get(f"/tickets/{ticket_id}").text


def test_wrong_form_keeps_what_was_typed(known, signed_in, ticket_id):
    client = signed_in("dewi")
    form = {"title": "", "points": "many", "board": "Attic", "labels": "kept words"}
    answer = post(client, f"/tickets/{ticket_id}/actions/desk.create", form)
    assert answer.status_code == 422
    for words in ("This value is needed.", "“many” is no number", "must be one of Repairs, Ideas", "kept words"):
        assert words in answer.text
    assert effects(known) == []
    assert post(client, f"/tickets/{ticket_id}/actions/desk.other", {}).status_code == 404


def test_plugins_page_tells_of_doors(known, signed_in):
    client = signed_in("mira")
    page = client.get("/admin/plugins").text
    for words in (
        "/hooks/desk/news",
        "4 deliveries taken",
        "2 refused",
        "the signature did not fit",
        "ValueError: not now",
    ):
        assert words in page
    assert "the board is away" in page
    assert "1 thing outside is followed" in page
    with known.read() as tx:
        delivery = tx.execute(select(WebhookDelivery.id)).scalar_one()
    assert post(client, f"/admin/plugins/deliveries/{delivery}/again").status_code == 303
    with known.read() as tx:
        assert tx.execute(select(WebhookDelivery.state)).scalar_one() == "new"


def test_machines_read_how_plugins_fare(known, client):
    said = client.get("/metrics").text
    for line in ("works", "calls", "seconds_p95", "parked_events"):
        assert f'estafet_plugin_{line}{{plugin="desk"}}' in said
    assert 'estafet_plugin_refused_deliveries{plugin="desk"} 2.0' in said
    assert 'estafet_plugin_waiting_deliveries{plugin="desk"} 1.0' in said


@pytest.mark.parametrize("width", [1280, 390])
def test_live_page_shows_it(known, enter, ticket_id, findings, width):
    page = enter("mira", f"/tickets/{ticket_id}", width)
    page.get_by_role("link", name="CARD-7").wait_for()
    page.get_by_role("button", name="Put into the reply").click()
    assert page.locator("#body").input_value() == "We come tomorrow."
    page.locator("summary", has_text="Create a card").click()
    assert page.get_by_label("Title").is_visible()
    assert findings(page) == []
    look(page, f"ticket-{width}")
    for path in ("/admin/plugins", "/customers/1", f"/tickets/{ticket_id}/outside"):
        page.goto(path)
        for folded in page.query_selector_all("main details"):
            folded.evaluate("one => { one.open = true; }")
        assert findings(page) == [], path
        look(page, f"{path.rsplit('/', 1)[1]}-{width}")


def look(page, name):
    """Keep a picture of the page where somebody asks for it."""
    if folder := os.environ.get("ESTAFET_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_thing_is_unlinked_with_a_reason(known, signed_in, ticket_id):
    client = signed_in("dewi")
    form = {"plugin": "desk", "ref": "CARD-7", "reason": " "}
    empty = post(client, f"/tickets/{ticket_id}/unlink", form)
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    assert post(client, f"/tickets/{ticket_id}/unlink", form | {"reason": "Another fridge"}).status_code == 303
    with known.read() as tx:
        assert links_of(tx, ticket_id) == []
        unlinked, commented = [one for one in timeline_page(tx, ticket_id) if one.data.get("plugin") == "desk"]
    assert (unlinked.kind, unlinked.data["op"]) == ("link.changed", "unlinked")
    assert commented.kind == "comment.added"  # of this plugin, so that it is sent to nothing else
    page = client.get(f"/tickets/{ticket_id}").text
    assert "Another fridge" in page
    assert "was unlinked" in page
    assert post(client, f"/tickets/{ticket_id}/unlink", form | {"reason": "Again"}).status_code == 422
