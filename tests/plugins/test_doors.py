"""At a plugin's door: who is let in, what is kept, and what is taken again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

from core.moments import now_ms
from core.plugins.arriving import DONE, KEPT_MS, PARKED, forget_old_deliveries, turn_again
from core.plugins.publishing import switch
from tests.plugins.outside import SECRET


def test_wrong_signatures_are_counted(quick):
    body = b'{"ref": "BUG-1"}'
    assert quick.client.post("/hooks/tracker/news", data=body).status_code == 401
    assert quick.post(body, **{"X-Signature": "sha256=" + "0" * 64}).status_code == 401
    assert quick.post(body, **{"X-Signature": "nonsense"}).status_code == 401
    assert (quick.counted().refused, quick.counted().refused_why, quick.counted().taken) == (3, "wrong", 0)
    assert quick.deliveries() == []
    assert quick.client.post("/hooks/tracker/nowhere", data=body).status_code == 404
    assert quick.client.post("/hooks/nobody/news", data=body).status_code == 404


def test_providers_may_look_first(quick):
    assert quick.client.head("/hooks/tracker/board").status_code == 200
    assert quick.client.get("/hooks/tracker/board").status_code == 200
    assert quick.client.head("/hooks/tracker/nowhere").status_code == 404


def test_large_body_is_not_read(quick):
    assert quick.post(b"x" * 10_000_000).status_code == 413
    assert quick.counted().refused_why == "large"
    assert quick.post(b"\xff\xfe").status_code == 400


def test_repetition_is_taken_once(outside):
    ticket = outside.open()
    first = {"ref": "BUG-1", "state": "A"}
    assert outside.post(first, delivery="d1").json == {"status": "taken"}
    assert outside.post(first, delivery="d1").json == {"status": "again"}
    assert outside.post(first, delivery="d2").json == {"status": "taken"}
    assert outside.post(first).json == {"status": "taken"}
    assert outside.post(first).json == {"status": "again"}
    outside.take()
    changed = [event for event in outside.host.events(ticket) if event.data.get("op") == "changed"]
    assert len(changed) == 1
    assert {one.state for one in outside.deliveries()} == {DONE}
    assert {one.body for one in outside.deliveries()} == {""}
    with outside.host.database.write() as tx:
        assert forget_old_deliveries(tx, now_ms()) == 0
        assert forget_old_deliveries(tx, now_ms() + KEPT_MS + 1000) == 3


def test_other_ways_of_signing(quick):
    url = f"{quick.host.settings.public_url}/hooks/tracker/board"
    body = b'{"ref": "X"}'
    sign = base64.b64encode(hmac.new(SECRET.encode(), body + url.encode(), hashlib.sha1).digest()).decode()
    assert quick.client.post("/hooks/tracker/board", data=body, headers={"X-Board": sign}).status_code == 200
    assert quick.client.post("/hooks/tracker/plain", data=body, headers={"X-Token": SECRET}).status_code == 200
    assert quick.client.post("/hooks/tracker/plain", data=body, headers={"X-Token": "no"}).status_code == 401
    for age, status in ((0, 200), (3600, 401)):
        moment = str(int(time.time()) - age)
        sign = hmac.new(SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Signature": sign, "X-Moment": moment}
        assert quick.client.post("/hooks/tracker/timed", data=body, headers=headers).status_code == status


def test_unknown_thing_is_noted(quick):
    quick.tell(ref="NOBODY-9", values={"status": "Done"})
    [one] = quick.deliveries()
    assert (one.state, one.detail) == (DONE, "no ticket is linked to NOBODY-9.")


def test_secret_that_is_not_set(quick):
    with quick.host.database.write() as tx:
        from core.schema import Plugin

        tx.execute(Plugin.__table__.update().where(Plugin.name == "tracker").values(secrets={}))
    assert quick.post({"ref": "X"}).status_code == 503
    assert quick.counted().refused_why == "unset"


def test_failing_delivery_is_parked(quick):
    ticket = quick.open()
    quick.settings("broken")
    quick.post({"ref": "BUG-1", "values": {"status": "Done"}})
    assert quick.take() == 4
    [one] = quick.deliveries()
    assert (one.state, one.tries) == (PARKED, 5)
    assert "not now" in one.detail
    quick.settings()
    with quick.host.database.write() as tx:
        turn_again(tx, quick.host.manager, one.id)
    quick.take()
    assert quick.host.step(ticket).state == "done"


def test_what_came_while_it_was_off_is_kept(quick):
    ticket = quick.open()
    with quick.host.database.write() as tx:
        switch(tx, quick.host.manager, "tracker", on=False)
    assert quick.post({"ref": "BUG-1", "values": {"status": "Done"}}).status_code == 200
    quick.take()
    assert quick.host.step(ticket).state == "open"
    with quick.host.database.write() as tx:
        switch(tx, quick.host.manager, "tracker", on=True)
    quick.take()
    assert quick.host.step(ticket).state == "done"


def test_guessing_signatures_is_slowed_down(quick):
    body = json.dumps({"ref": "BUG-1"}).encode()
    wrong = {"X-Signature": "sha256=" + "0" * 64}
    answers = [quick.client.post("/hooks/tracker/news", data=body, headers=wrong) for _turn in range(32)]
    assert {one.status_code for one in answers[:30]} == {401}
    assert [one.status_code for one in answers[30:]] == [429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert (quick.counted().refused, quick.counted().refused_why) >= (31, "limited")
    assert quick.post({"ref": "BUG-1"}).json == {"status": "taken"}  # the other side itself, from the same address
    other = {"REMOTE_ADDR": "203.0.113.9"}
    assert quick.client.post("/hooks/tracker/news", data=body, headers=wrong, environ_base=other).status_code == 401
