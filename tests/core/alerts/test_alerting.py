"""Rules, tickets and people together: who is told of what, once, by which mail, and what the page says about it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from core import person_mail, timeline
from core.actors import SYSTEM
from core.actors import customer as as_customer
from core.advance import advance
from core.alerts import page, watching
from core.alerts.changing import change_rule, create_rule
from core.alerts.silencing import hear_again, silence
from core.alerts.words import headline, missing
from core.clocks.reckoning import reckon
from core.errors import Conflict, Forbidden, Invalid
from core.schema import Customer, Person
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply, send_reply
from core.tickets.holding import assign, take
from core.tickets.opening import CustomerRef
from core.tickets.resolving import reopen, resolve
from tests.core.conftest import HOUR, MORNING

if TYPE_CHECKING:
    from tests.core.conftest import Desk

VIP = CustomerRef("anton@example.com", "Anton")


def make_vip(desk: Desk) -> None:
    with desk.database.write() as tx:
        values = {"email": "anton@example.com", "name": "Anton", "klass": "vip", "created_at": 1}
        tx.execute(insert(Customer).values(**values))


def add(desk: Desk, kind: str, threshold: Any = None, to: str = "lead", how: str = "page", **more: Any) -> int:
    data = {"threshold": threshold, "to": to.split(), "how": how, **more.pop("data", {})}
    with desk.database.write() as tx:
        found = create_rule(tx, SYSTEM, kind.title(), kind, data, now=MORNING, **more)
        while reckon(tx, desk.settings, MORNING):
            pass
        return found


def mine(desk: Desk, nick: str, **options: Any) -> list[str]:
    """What stands in this person's list, the oldest first: the kind and the sentence."""
    with desk.database.read() as tx:
        rows = page.mine(tx, desk.people[nick].id or 0, **options)
    return [f"{row.kind}: {headline(row.kind, row.facts)}" for row in reversed(rows)]


def walk(desk: Desk, ticket: int, now: int) -> None:
    with desk.database.write() as tx:
        advance(tx, desk.settings, ticket, now)


def wish(desk: Desk, nick: str, **alerts: Any) -> None:
    with desk.database.write() as tx:
        person = Person.__table__
        tx.execute(person.update().where(person.c.nick == nick).values(settings={"alerts": alerts}))


def test_vip_ticket_is_called_once(desk: Desk) -> None:
    rule = add(desk, "vip", to="lead holder agent:bagus", department_id=desk.departments["service"])
    make_vip(desk)
    plain = desk.open(department="service").ticket_id
    ticket = desk.open(customer=VIP, department="service").ticket_id
    desk.open(customer=VIP, department="billing")
    for hour in range(1, 4):
        with desk.database.write() as tx:
            send_reply(tx, desk.settings, desk.people["dewi"], ticket, Draft(f"{hour}"), now=MORNING + hour * HOUR)
    assert mine(desk, "catherine") == mine(desk, "bagus") == ["vip: A VIP customer's ticket"]
    event = next(e for e in desk.events(ticket) if e.kind == "alert.raised")
    assert event.data["rule"] == rule
    assert event.data["version"] == 1
    assert desk.kinds(ticket).count("alert.raised") == 1
    assert "alert.raised" not in desk.kinds(plain)
    assert len(json.dumps(event.data)) < 1000


def test_idle_ticket_rings_at_its_moment(desk: Desk) -> None:
    """Two hours of opening time after the last deed of anybody; what the procedure does is nobody's deed."""
    add(desk, "idle", "PT2H", team_id=desk.teams["repair"])
    ticket = desk.open(department="service").ticket_id
    assert desk.row(ticket).alarm_at == MORNING + 2 * HOUR
    with desk.database.write() as tx:
        add_comment(tx, desk.people["dewi"], ticket, Draft("Saya lihat."), now=MORNING + HOUR)
    walk(desk, ticket, MORNING + 2 * HOUR)
    assert mine(desk, "catherine") == []
    assert desk.row(ticket).alarm_at == MORNING + 3 * HOUR
    walk(desk, ticket, MORNING + 3 * HOUR)
    walk(desk, ticket, MORNING + 4 * HOUR)
    assert mine(desk, "catherine") == ["idle: Nobody has done anything for 2 h of opening time"]
    with desk.database.write() as tx:
        take(tx, desk.settings, desk.people["bagus"], ticket, now=MORNING + 5 * HOUR)
    walk(desk, ticket, MORNING + 7 * HOUR)
    assert len(mine(desk, "catherine")) == 2


def test_rule_finds_tickets_that_are_open(desk: Desk) -> None:
    """A rule that comes later looks at the open tickets in the background: their last deed is read from the timeline."""
    ticket = desk.open(department="service").ticket_id
    with desk.database.write() as tx:
        add_comment(tx, desk.people["dewi"], ticket, Draft("Saya lihat."), now=MORNING + HOUR)
    rule = add(desk, "idle", "PT3H")
    assert desk.sql("SELECT deed_at, next_at FROM alert_state") == [(MORNING + HOUR, MORNING + 4 * HOUR)]
    with desk.database.write() as tx:
        change_rule(tx, desk.people["mira"], rule, active=False, now=MORNING + HOUR)
        while reckon(tx, desk.settings, MORNING + HOUR):
            pass
    walk(desk, ticket, MORNING + 4 * HOUR)
    assert mine(desk, "catherine") == []


def test_due_and_late_are_called_for_clock(desk: Desk) -> None:
    """The department promises a first answer within eight hours: five in the afternoon."""
    add(desk, "time_sensitive", "PT1H", to="holder", how="mail")
    add(desk, "overdue", to="lead manager")
    ticket = desk.open(department="service").ticket_id
    due = desk.row(ticket).due_at or 0
    walk(desk, ticket, due - HOUR)
    walk(desk, ticket, due - HOUR + 1000)
    walk(desk, ticket, due)
    walk(desk, ticket, due + HOUR)
    dewi_or_bagus = {nick: mine(desk, nick) for nick in ("dewi", "bagus", "catherine", "mira")}
    assert ["time_sensitive: First response is due in 1 h"] in dewi_or_bagus.values()
    assert dewi_or_bagus["mira"] == ["overdue: First response is late"]
    desk.perform_all(ticket)
    mails = [mail for mail in desk.caught() if "alert" in (mail.key or "")]
    assert len(mails) == 1
    assert mails[0].subject == "Time-sensitive: Kulkas bocor"
    assert "First response is due in 1 h." in mails[0].raw


def test_reopened_is_called_but_not_to_who_did_it(desk: Desk) -> None:
    add(desk, "reopened", to="lead agent:dewi")
    ticket = desk.open(department="service").ticket_id
    for hour in (1, 2):
        with desk.database.write() as tx:
            resolve(tx, desk.settings, desk.people["bagus"], ticket, "Selesai.", now=MORNING + hour * HOUR)
        with desk.database.write() as tx:
            reopen(tx, desk.settings, desk.people["dewi"], ticket, now=MORNING + hour * HOUR + 1)
    assert mine(desk, "catherine") == [
        "reopened: It was reopened for the first time",
        "reopened: It was reopened for the 2. time",
    ]
    assert mine(desk, "dewi") == []


def test_bad_rating_is_called_by_its_event(desk: Desk) -> None:
    add(desk, "bad_rating", 40, to="lead")
    ticket = desk.open(department="service").ticket_id
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], ticket, "Selesai.", now=MORNING + HOUR)
    for score in (5, 2):
        with desk.database.write() as tx:
            data = {"score": score, "max": 5, "comment": True}
            timeline.append(tx, ticket, "customer.rated", as_customer(1), data, at=MORNING + 2 * HOUR)
    assert mine(desk, "catherine") == ["bad_rating: The customer gave 2 of 5"]


def test_backlog_is_called_when_it_grows_above(desk: Desk) -> None:
    repair = desk.teams["repair"]
    add(desk, "backlog", 2, to="lead agent:mira", team_id=repair)
    tickets = [desk.open(f"Nomor {n}", department="service").ticket_id for n in range(4)]
    for ticket in tickets:
        with desk.database.write() as tx:
            assign(tx, desk.settings, desk.people["mira"], ticket, None, repair)
    assert mine(desk, "catherine") == ["backlog: 3 tickets wait for a holder, more than 2"]
    for ticket in tickets[:3]:
        with desk.database.write() as tx:
            take(tx, desk.settings, desk.people["dewi"], ticket)
    for ticket in tickets[:3]:
        with desk.database.write() as tx:
            assign(tx, desk.settings, desk.people["mira"], ticket, None, repair)
    assert len(mine(desk, "catherine")) == 2
    assert desk.sql("SELECT spell FROM alert_level") == [(2,)]


def test_two_workers_call_each_cause_once(desk: Desk) -> None:
    """Several workers walk the same tickets at the same moment, and others fill the backlog together."""
    add(desk, "idle", "PT1H", how="mail")
    add(desk, "backlog", 7, team_id=desk.teams["repair"])
    tickets = [desk.open(f"Nomor {n}", department="service").ticket_id for n in range(8)]

    def both(ticket: int) -> None:
        with desk.database.write() as tx:
            assign(tx, desk.settings, desk.people["mira"], ticket, None, desk.teams["repair"], now=MORNING)
        walk(desk, ticket, MORNING + 2 * HOUR)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(both, [*tickets, *tickets]))
    counts = dict(desk.sql("SELECT kind, count(*) FROM alert GROUP BY kind"))
    assert counts == {"idle": 8, "backlog": 1}
    assert desk.sql("SELECT count(*) FROM effect WHERE key LIKE '%/alert/%'") == [(8,)]


def test_silence_holds_until_it_is_taken_back(desk: Desk) -> None:
    add(desk, "idle", "PT1H")
    ticket = desk.open(department="service").ticket_id
    with desk.database.write() as tx:
        silence(tx, desk.people["dewi"], ticket, now=MORNING + 1)
        silence(tx, desk.people["dewi"], ticket, now=MORNING + 2)
    walk(desk, ticket, MORNING + 2 * HOUR)
    assert mine(desk, "catherine") == []
    with desk.database.write() as tx:
        hear_again(tx, desk.people["dewi"], ticket, now=MORNING + 3 * HOUR)
    assert mine(desk, "catherine") == ["idle: Nobody has done anything for 3 h of opening time"]
    assert [kind for kind in desk.kinds(ticket) if kind in {"alert.silenced", "alert.heard"}] == [
        "alert.silenced",
        "alert.heard",
    ]
    with pytest.raises(Forbidden), desk.database.write() as tx:
        silence(tx, desk.people["wati"], ticket)


def test_digest_gathers_until_its_hour(desk: Desk) -> None:
    """Mails at once wait while it is quiet; with the digest they leave together, once, and nothing is lost."""
    add(desk, "vip", to="agent:catherine", how="mail")
    add(desk, "reopened", to="agent:catherine agent:dewi", how="digest")
    wish(desk, "catherine", digest=10 * 60, quiet="times", begins=8 * 60, ends=10 * 60)
    make_vip(desk)
    ticket = desk.open("Dari VIP", customer=VIP, department="service").ticket_id
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["bagus"], ticket, "Selesai.", now=MORNING + 60_000)
        reopen(tx, desk.settings, desk.people["bagus"], ticket, now=MORNING + 120_000)
    assert person_mail.send_due(desk.database, desk.settings, now=MORNING + HOUR - 1) == 0
    assert person_mail.next_due(desk.database) == MORNING + HOUR
    assert person_mail.send_due(desk.database, desk.settings, now=MORNING + HOUR) == 1
    assert person_mail.send_due(desk.database, desk.settings, now=MORNING + HOUR) == 0
    mail = desk.caught()[-1]
    assert mail.recipients == ["catherine@lentera.example"]
    assert mail.subject == "Your alerts (2)"
    for words in (
        "VIP: A VIP customer's ticket.",
        "Reopened: It was reopened for the first time.",
        f"/tickets/{ticket}",
    ):
        assert words in mail.raw
    with desk.database.write() as tx:  # Dewi has read hers in the page: her digest has nothing to say
        page.mark_read(tx, desk.people["dewi"].id or 0, None, MORNING + HOUR)
    before = len(desk.caught())
    assert person_mail.send_due(desk.database, desk.settings, now=MORNING + 30 * HOUR) == 1
    assert len(desk.caught()) == before


def test_alert_behind_a_leaving_digest_gets_the_next(desk: Desk) -> None:
    person = desk.people["dewi"].id or 0
    with desk.database.write() as tx:
        first = person_mail.plan_digest(tx, person, MORNING)
        assert person_mail.plan_digest(tx, person, MORNING) == first
    desk.sql("UPDATE person_mail SET state = 'attempting'")
    with desk.database.write() as tx:
        second = person_mail.plan_digest(tx, person, MORNING)
    assert (first, second) == (f"alert_digest/{person}/{MORNING}", f"alert_digest/{person}/{MORNING + 1000}")


def test_watchers_hear_what_they_want(desk: Desk) -> None:
    ticket = desk.open(department="service").ticket_id
    dewi, bagus, rina = (desk.people[nick] for nick in ("dewi", "bagus", "rina"))
    with desk.database.write() as tx:
        watching.watch(tx, dewi, ticket, dewi.id or 0)
        watching.watch(tx, dewi, ticket, bagus.id or 0, hears=["resolved"], how="mail")
        receive_reply(tx, desk.settings, as_customer(1), ticket, IncomingMessage("", "Halo?"), now=MORNING + HOUR)
    with desk.database.write() as tx:
        resolve(tx, desk.settings, dewi, ticket, "Selesai.", now=MORNING + 2 * HOUR)
    assert mine(desk, "dewi") == ["watched: The customer has replied"]
    assert mine(desk, "bagus") == ["watched: The ticket is resolved"]
    assert any(":" + str(bagus.id) in effect.key for effect in desk.effects(ticket) if "/alert/" in effect.key)
    with desk.database.write() as tx:
        watching.unwatch(tx, dewi, ticket, dewi.id or 0)
        watching.unwatch(tx, dewi, ticket, dewi.id or 0)
        assert [one.person_id for one in watching.watchers_of(tx, ticket)] == [bagus.id]
    assert [k for k in desk.kinds(ticket) if k.startswith("watcher.")] == ["watcher.added"] * 2 + ["watcher.removed"]
    for who, whom, hears in ((dewi, rina, ["resolved"]), (dewi, dewi, []), (dewi, dewi, ["nothing"])):
        with pytest.raises(Invalid), desk.database.write() as tx:
            watching.watch(tx, who, ticket, whom.id or 0, hears=hears)
    with pytest.raises(Forbidden), desk.database.write() as tx:
        watching.watch(tx, desk.people["wati"], ticket, dewi.id or 0)


def test_page_tells_why_a_rule_did_not_call(desk: Desk) -> None:
    rules = {
        add(desk, "vip"): "The customer is no VIP",
        add(
            desk, "idle", "PT4H"
        ): "Nobody has done anything for 1 h of opening time; the rule calls after 4 h of opening time",
        add(desk, "overdue"): "First response is not late",
        add(desk, "reopened"): "It has not been reopened",
        add(desk, "bad_rating"): "The customer has given no rating",
        add(desk, "time_sensitive", "PT30M"): "First response is due in 7 h; the rule calls 30 min before it is due",
    }
    called = add(desk, "vip", data={"priorities": ["urgent"]})
    ticket = desk.open(department="service", customer=CustomerRef("budi@example.com", "Budi")).ticket_id
    with desk.database.read() as tx:
        found = page.of_ticket(tx, ticket, MORNING + HOUR)
    said = {one.rule.id: missing(one.rule, one.part) for one in found.not_called}
    assert said == {**rules, called: "The rule asks for another priority"}
    assert found.next_at == MORNING + 4 * HOUR


def test_lead_changes_only_own_rules(desk: Desk) -> None:
    catherine, service, billing = desk.people["catherine"], desk.departments["service"], desk.departments["billing"]
    data = {"threshold": "PT4H", "to": ["lead"]}
    with desk.database.write() as tx:
        rule = create_rule(tx, catherine, "Diam", "idle", data, department_id=service)
        change_rule(tx, catherine, rule, title="Diam lama", version=1)
    with pytest.raises(Conflict), desk.database.write() as tx:
        change_rule(tx, catherine, rule, title="Lain", version=1)
    for department in (billing, None):
        with pytest.raises(Forbidden), desk.database.write() as tx:
            create_rule(tx, catherine, "Diam", "idle", data, department_id=department)
    with pytest.raises(Forbidden), desk.database.write() as tx:
        create_rule(tx, desk.people["dewi"], "Diam", "idle", data, department_id=service)
    assert desk.sql("SELECT number, title FROM alert_rule_version ORDER BY number") == [(1, "Diam"), (2, "Diam lama")]


@pytest.mark.parametrize(
    ("kind", "data", "pointer"),
    [
        ("idle", {"to": ["lead"]}, "/data/threshold"),
        ("idle", {"threshold": "4 hours", "to": ["lead"]}, "/data/threshold"),
        ("idle", {"threshold": "P1D", "to": ["lead"]}, "/data/threshold"),
        ("time_sensitive", {"threshold": "PT0S", "to": ["lead"]}, "/data/threshold"),
        ("backlog", {"threshold": "many", "to": ["lead"]}, "/data/threshold"),
        ("backlog", {"threshold": 5, "to": ["holder"]}, "/data/to"),
        ("bad_rating", {"threshold": 101, "to": ["lead"]}, "/data/threshold"),
        ("vip", {"to": []}, "/data/to"),
        ("vip", {"to": ["agent:nobody"]}, "/data/to"),
        ("vip", {"to": ["team:invoices"]}, "/data/to"),
        ("vip", {"to": ["lead"], "how": "pigeon"}, "/data/how"),
        ("vip", {"to": ["lead"], "priorities": ["soon"]}, "/data/priorities"),
        ("vip", {"to": ["lead"], "when": 1}, "/data/when"),
        ("storm", {"to": ["lead"]}, "/kind"),
    ],
)
def test_wrong_rule_is_told_where(sqlite_desk: Desk, kind: str, data: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as wrong, sqlite_desk.database.write() as tx:
        create_rule(tx, SYSTEM, "x", kind, data, department_id=sqlite_desk.departments["service"])
    assert pointer in {error.pointer for error in wrong.value.errors}
