"""Tickets through the API: open, list, read, change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core import procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.organisations import save_organisation

from .conftest import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Program

KEPT = {
    "id", "subject", "status", "priority", "channel", "department", "team", "holder", "customer", "organisation",
    "topic", "fields", "sop", "open_steps", "clocks", "seq", "created_at", "updated_at",
}  # fmt: skip


def test_new_ticket_has_every_name(any_as: Callable[[str], Program]) -> None:
    made = ask(any_as("dewi"), topic="printer", priority="high")
    assert made.keys() >= KEPT
    assert (made["priority"], made["department"], made["channel"]) == ("high", "service", "api")
    assert made["customer"]["email"] == "ana@example.com"
    assert made["holder"]["kind"] == "person"
    assert made["sop"] == {"name": "standard", "version": 1, "state": "running"}
    assert [step["name"] for step in made["open_steps"]] == ["work"]
    assert made["clocks"][0]["kind"] == "first_response"
    assert made["created_at"].endswith("Z")


def test_created_ticket_reads_the_same(any_as: Callable[[str], Program]) -> None:
    made = ask(any_as("dewi"))
    answer = any_as("dewi").get(f"/tickets/{made['id']}")
    assert answer.get_json() == made
    again = any_as("dewi").get(f"/tickets/{made['id']}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_every_procedure_opens_as_read(dewi: Program, firm: Any) -> None:
    """The answer is put together from what the command has in hand; nothing of it may differ from what is read later."""
    with firm.write() as tx:
        for file in sorted(procedures.LIBRARY.glob("*.yaml")):
            if not file.name.endswith(".cases.yaml") and file.stem not in {"standard", "refund"}:
                procedures.publish(tx, SYSTEM, file.read_text("utf-8"), now=now_ms())
        names = [one.name for one in procedures.published(tx)]
        organisation = save_organisation(tx, SYSTEM, "PT Maju", "vip", domains=["maju.example"])
    assert len(names) > 10
    for name in names:
        made = ask(dewi, f"By {name}", sop=name, customer={"email": f"{name}@maju.example"})
        assert made["organisation"] == {"id": organisation.id, "name": "PT Maju"}
        assert dewi.get(f"/tickets/{made['id']}").get_json() == made, name


def test_unheld_ticket_is_its_teams(as_: Callable[[str], Program], dewi: Program) -> None:
    made = ask(dewi)
    answer = dewi.post(f"/tickets/{made['id']}/assign", {"team": "service-team"})
    assert answer.get_json()["holder"] == {"kind": "team", "id": 1, "name": "service-team"}
    assert [t["id"] for t in dewi.get("/tickets?holder=none").get_json()["items"]] == [made["id"]]


def test_pages_join_without_gaps(any_as: Callable[[str], Program]) -> None:
    dewi = any_as("dewi")
    made = [ask(dewi, f"Ticket {i}", priority=("low", "high")[i % 2])["id"] for i in range(7)]
    for sort, wanted in (
        ("id", made),
        ("-id", made[::-1]),
        ("created_at", made),
        ("-updated_at", made[::-1]),
        ("queue", made),
        ("priority", [*made[1::2], *made[::2]]),
    ):
        found: list[int] = []
        following = ""
        while True:
            page = dewi.get(f"/tickets?limit=3&sort={sort}{following}").get_json()
            found += [t["id"] for t in page["items"]]
            if page["next"] is None:
                break
            following = f"&next={page['next']}"
        assert found == wanted, sort


def test_filters_find_what_they_say(any_as: Callable[[str], Program]) -> None:
    dewi, mira = any_as("dewi"), any_as("mira")
    printer = ask(dewi, "Printer on fire", priority="urgent")
    screen = ask(dewi, "Screen 100% black", customer={"email": "bo@example.com"}, sop="refund", channel="phone")
    other = ask(mira, "Invoice", department="billing")

    def found(query: str, program: Program = mira) -> set[int]:
        answer = program.get(f"/tickets?{query}")
        assert answer.status_code == 200, answer.text
        return {t["id"] for t in answer.get_json()["items"]}

    assert found("") == {printer["id"], screen["id"], other["id"]}
    assert found("department=billing") == {other["id"]}
    assert found("team=service-team") == {printer["id"], screen["id"]}
    assert found("priority=urgent,low") == {printer["id"]}
    assert found("channel=phone") == {screen["id"]}
    assert found("customer=BO@example.com") == {screen["id"]}
    assert found(f"customer={printer['customer']['id']}") == {printer["id"], other["id"]}
    assert found("customer=nobody@example.com") == set()
    assert found("sop=refund") == {screen["id"]}
    assert found("step=check") == {screen["id"]}
    assert found("q=FIRE") == {printer["id"]}
    assert found("q=100%25") == {screen["id"]}
    assert found("q=broken&customer=bo@example.com") == {screen["id"]}  # what was written, not only the subject
    assert found(f"q={other['id']}") == {other["id"]}
    assert found("q=Ana&department=billing") == {other["id"]}  # the customer
    assert found(f"q={other['id']}", dewi) == set()
    assert found("q=zzz") == set()
    assert found("status=in_progress&sop=standard") == {printer["id"], other["id"]}
    assert found(f"holder={printer['holder']['id']}&department=service") >= {printer["id"]}


def test_changes_show_after_a_moment(dewi: Program) -> None:
    first, second = ask(dewi, "First"), ask(dewi, "Second")
    since = second["updated_at"]
    assert dewi.patch(f"/tickets/{first['id']}", {"priority": "low"}).status_code == 200
    found = dewi.get("/tickets", query_string={"updated_after": since, "sort": "updated_at"}).get_json()["items"]
    assert [t["id"] for t in found] == [first["id"]]


def test_stale_change_is_left_alone(any_as: Callable[[str], Program]) -> None:
    dewi = any_as("dewi")
    made = ask(dewi)
    seen = dewi.get(f"/tickets/{made['id']}").headers["ETag"]
    assert dewi.patch(f"/tickets/{made['id']}", {"topic": "a"}, headers={"If-Match": seen}).status_code == 200
    answer = dewi.patch(f"/tickets/{made['id']}", {"topic": "b"}, headers={"If-Match": seen})
    assert answer.status_code == 412
    assert dewi.get(f"/tickets/{made['id']}").get_json()["topic"] == "a"


def test_colleagues_see_their_department_only(as_: Callable[[str], Program], dewi: Program) -> None:
    made = ask(dewi)
    oskar = as_("oskar")
    assert oskar.get("/tickets").get_json()["items"] == []
    assert oskar.get("/tickets?department=service").get_json()["items"] == []
    base = f"/tickets/{made['id']}"
    for path in ("", "/messages", "/timeline", "/steps", "/handovers"):
        assert oskar.get(base + path).status_code == 404
    step = made["open_steps"][0]["id"]
    for path, body in (
        ("/messages", {"body": "hi"}),
        ("/assign", {"person": "me"}),
        ("/resolve", {"resolution": "x"}),
        ("/reopen", {}),
        ("/close", {}),
        ("/handover", {"to": "dewi"}),
        (f"/steps/{step}/complete", {"choice": "solved"}),
        (f"/steps/{step}/skip", {}),
    ):
        assert oskar.post(base + path, body).status_code == 404, path
    assert oskar.patch(base, {"topic": "x"}).status_code == 404
    assert oskar.get(f"/effects?ticket={made['id']}").status_code == 404
    assert oskar.get("/effects").get_json()["items"] == []
    assert as_("mira").get(base).status_code == 200


def test_merge_needs_both_tickets(as_: Callable[[str], Program], dewi: Program) -> None:
    mine, foreign = ask(dewi), ask(as_("mira"), department="billing")
    assert dewi.post(f"/tickets/{mine['id']}/merge", {"into": foreign["id"]}).status_code == 404
    answer = as_("mira").post(f"/tickets/{mine['id']}/merge", {"into": foreign["id"]})
    assert answer.get_json()["id"] == foreign["id"]
    assert dewi.get(f"/tickets/{mine['id']}").get_json()["merged_into"] == foreign["id"]


def test_timeline_has_no_gaps(any_as: Callable[[str], Program]) -> None:
    dewi = any_as("dewi")
    made = ask(dewi)
    events = dewi.get(f"/tickets/{made['id']}/timeline").get_json()["items"]
    assert [event["seq"] for event in events] == list(range(1, made["seq"] + 1))
    assert events[0]["kind"] == "ticket.opened"
    assert events[0]["actor"] == {"kind": "person", "id": 3, "name": "Dewi Anggraini"}
    page = dewi.get(f"/tickets/{made['id']}/timeline?after=2&limit=1").get_json()
    assert ([event["seq"] for event in page["items"]], page["next"]) == ([3], "3")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"subject": ""}, "/subject", "The subject is empty"),
    ({"subject": 7}, "/subject", "must be a text"),
    ({"subject": "x" * 999}, "/subject", "at most 998"),
    ({"body": " "}, "/body", "The message is empty"),
    ({"customer": {}}, "/customer/email", "Who asks?"),
    ({"customer": {"email": "sari@"}}, "/customer/email", "“sari@” is not an e-mail address"),
    ({"customer": {"id": 99}}, "/customer/id", "no customer with the id 99"),
    ({"customer": "ana@example.com"}, "/customer", "must be an object"),
    ({"department": "sales"}, "/department", "There are: billing, service"),
    ({"priority": "asap"}, "/priority", "low, medium, high, urgent"),
    ({"channel": "fax"}, "/channel", "“fax” is no channel"),
    ({"language": "fr"}, "/language", "en, id"),
    ({"sop": "nothing"}, "/sop", "no published SOP “nothing”"),
    ({"fields": []}, "/fields", "must be an object"),
    ({"tags": ["x", 3]}, "/tags/1", "must be a text"),
    ({"prioritee": "low"}, "/prioritee", "no such field"),
    ({"attachments": [{"name": "a", "content": "%"}]}, "/attachments/0/content", "not base64"),
    ({"attachments": [{"content": ""}]}, "/attachments/0/name", "is needed"),
]


@pytest.mark.parametrize(("change", "pointer", "sentence"), WRONG)
def test_wrong_value_is_named(dewi: Program, change: dict[str, Any], pointer: str, sentence: str) -> None:
    body = {"subject": "Printer", "body": "broken", "customer": {"email": "ana@example.com"}, **change}
    answer = dewi.post("/tickets", body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    [error] = answer.get_json()["errors"]
    assert error["pointer"] == pointer
    assert sentence in error["message"]
    assert dewi.get("/tickets").get_json()["items"] == []


def test_empty_words_are_named_with_the_rest(dewi: Program) -> None:
    answer = dewi.post("/tickets", {"subject": " ", "body": "", "customer": {"email": 7}, "tags": "x"})
    pointers = [error["pointer"] for error in answer.get_json()["errors"]]
    assert sorted(pointers) == ["/body", "/customer/email", "/subject", "/tags"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("status=opened", "/status"),
        ("department=sales", "/department"),
        ("team=nobody", "/team"),
        ("holder=nobody", "/holder"),
        ("channel=fax", "/channel"),
        ("priority=asap", "/priority"),
        ("updated_after=yesterday", "/updated_after"),
        ("updated_after=2026-11-24T09:00:00", "/updated_after"),
        ("sort=colour", "/sort"),
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=many", "/limit"),
        ("next=abc", "/next"),
        ("colour=red", "/colour"),
    ],
)
def test_wrong_filter_is_named(dewi: Program, query: str, pointer: str) -> None:
    answer = dewi.get(f"/tickets?{query}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]


def test_cursor_keeps_to_its_order(dewi: Program) -> None:
    for i in range(2):
        ask(dewi, str(i))
    following = dewi.get("/tickets?limit=1&sort=id").get_json()["next"]
    answer = dewi.get(f"/tickets?limit=1&sort=-id&next={following}")
    assert answer.get_json()["errors"][0]["pointer"] == "/next"


def test_list_asks_the_same_however_long(dewi: Program, firm: Any) -> None:
    def statements() -> int:
        n = 0

        def count(*_args: Any) -> None:
            nonlocal n
            n += 1

        from sqlalchemy import event

        event.listen(firm._reader, "before_cursor_execute", count)
        assert dewi.get("/tickets").status_code == 200
        event.remove(firm._reader, "before_cursor_execute", count)
        return n

    ask(dewi)
    few = statements()
    for i in range(12):
        ask(dewi, str(i), sop=("standard", "refund")[i % 2])
    assert statements() <= few + 1  # one more to read a document that this process has not met
    assert statements() <= 6


def test_opening_takes_few_statements(dewi: Program, firm: Any) -> None:
    """Counted, on any machine: what one more statement costs is multiplied by every ticket."""
    from sqlalchemy import event

    ask(dewi)  # what this process keeps in memory is read
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    for engine in (firm._reader, firm._writer):
        event.listen(engine, "before_cursor_execute", note)
    ask(dewi, "once more")
    for engine in (firm._reader, firm._writer):
        event.remove(engine, "before_cursor_execute", note)
    assert 15 < len(told) <= 19, told
