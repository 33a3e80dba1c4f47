"""Who may call what: every operation of the API with every caller. A new operation without a line here fails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from core import effects, procedures, sop_drafts
from core.actors import SYSTEM, Actor
from core.alerts.changing import create_rule
from core.clocks.policies import create_policy
from core.customer_classes import add_class
from core.links import request_link
from core.moments import now_ms
from core.noticing.changing import create_rule as watch_words
from core.organisation import create_calendar, create_organisation, issue_token
from core.performing import perform
from core.routing.store import RuleText, add_rule, all_rules
from core.schema import Article, Attachment, StepVisit, Token
from core.studio.drafts import open_draft
from core.tickets.bulk_rerouting import begin, cancel, recent
from core.tickets.bulk_verdicts import Chosen
from core.tickets.messages import NewAttachment
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from web.security import limiter

from ..conftest import IDS
from .conftest import Program, furnish

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Connection

    from core.database import Database
    from core.settings import Settings

# Who is let in. `ticket_*` belong to a ticket of the service department: to other departments it does not exist.
WHO: dict[str, dict[str, str]] = {
    "anybody": dict.fromkeys(("mira", "lina", "dewi", "oskar", "wati", "nobody", "customer"), "in"),
    "staff": dict.fromkeys(("mira", "lina", "dewi", "oskar", "wati"), "in"),
    "agents": {**dict.fromkeys(("mira", "lina", "dewi", "oskar"), "in"), "wati": "403"},
    "leads": {"mira": "in", "lina": "in", "dewi": "403", "oskar": "403", "wati": "403"},
    "managers": {"mira": "in", "lina": "403", "dewi": "403", "oskar": "403", "wati": "403"},
    "ticket_staff": {**dict.fromkeys(("mira", "lina", "dewi", "wati"), "in"), "oskar": "404"},
    "ticket_agents": {**dict.fromkeys(("mira", "lina", "dewi"), "in"), "wati": "403", "oskar": "404"},
    "service_agents": {**dict.fromkeys(("mira", "lina", "dewi"), "in"), "wati": "403", "oskar": "403"},
    "ticket_leads": {**dict.fromkeys(("mira", "lina"), "in"), "dewi": "403", "wati": "403", "oskar": "404"},
    # Everybody may vote and answer whom the step asks; it asks Dewi.
    "ticket_asked": {"dewi": "in", "mira": "403", "lina": "403", "wati": "403", "oskar": "404"},
}
CALLERS = ("mira", "lina", "dewi", "oskar", "wati", "nobody", "customer")


FIRST = {"name": "many", "number": 1, "template": "received", "word_rule_id": 1} | dict.fromkeys(
    ("person_id", "team_id", "department_id", "calendar_id", "organisation_id", "article_id", "alert_rule_id"), 1
)


WORDS: dict[str, Any] = {"title": "x", "data": {"words": ["stuck"], "priority": "high"}}
POLICY = {"name": "x", "metrics": {"resolution": {"goal": "PT8H"}}}


@dataclass(frozen=True)
class Line:
    """One operation: who is let in, with which body and on which step it is tried."""

    who: str
    body: dict[str, Any] | None = None
    step: str = ""


SOP = "sop: small\ndo:\n  - a: {task: A}\n"
NEW = {"subject": "x", "body": "y", "customer": {"email": "new@example.com"}}
LINES: dict[str, Line] = {
    "GET /tickets": Line("staff"),
    "POST /tickets": Line("agents", NEW),
    "GET /tickets/<int:ticket_id>": Line("ticket_staff"),
    "PATCH /tickets/<int:ticket_id>": Line("ticket_agents", {"topic": "x"}),
    "GET /tickets/<int:ticket_id>/timeline": Line("ticket_staff"),
    "GET /tickets/<int:ticket_id>/messages": Line("ticket_staff"),
    "GET /tickets/<int:ticket_id>/ratings": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/messages": Line("ticket_agents", {"body": "hello"}),
    "GET /attachments/<int:file_id>": Line("ticket_staff"),
    "GET /tickets/<int:ticket_id>/steps": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/complete": Line("ticket_agents", step="work"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/skip": Line("ticket_agents", {"reason": "x"}, step="work"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/approve": Line("ticket_asked", step="sign"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/reject": Line("ticket_asked", step="sign"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/answer": Line("ticket_asked", {"text": "x"}, step="ask"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/accept": Line("ticket_agents", step="write"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/decline": Line("ticket_agents", step="write"),
    "POST /tickets/<int:ticket_id>/steps/<int:step_id>/decide": Line("ticket_agents", {"choice": "skip"}, step="fail"),
    "POST /tickets/<int:ticket_id>/assign": Line("ticket_agents", {"person": "dewi"}),
    "POST /tickets/<int:ticket_id>/resolve": Line("ticket_agents", {"resolution": "done"}),
    "POST /tickets/<int:ticket_id>/reopen": Line("ticket_agents"),
    "POST /tickets/<int:ticket_id>/close": Line("ticket_agents"),
    "POST /tickets/<int:ticket_id>/merge": Line("ticket_agents", {"into": 1}),
    "POST /tickets/<int:ticket_id>/unlink": Line("ticket_agents", {"plugin": "jira", "ref": "A-1", "reason": "x"}),
    "GET /tickets/<int:ticket_id>/handovers": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/handover": Line("ticket_agents", {"action": "offer", "to": "lina", "note": "x"}),
    "GET /effects": Line("agents"),
    "GET /effects/<path:key>": Line("ticket_agents"),
    "POST /effects/<path:key>/settle": Line("ticket_agents", {"outcome": "done"}),
    "GET /sops": Line("staff"),
    "POST /sops": Line("leads", {"text": SOP}),
    "POST /sops/check": Line("staff", {"text": SOP}),
    "GET /sops/<name>": Line("staff"),
    "GET /sops/<name>/versions/<int:number>": Line("staff"),
    "POST /sops/<name>/versions/<int:number>/publish": Line("leads"),
    "GET /routing-rules": Line("leads"),
    "POST /routing-rules": Line("leads", {"title": "x", "gives": {"priority": "high"}, "department": "service"}),
    "GET /routing-rules/<int:rule_id>": Line("leads"),
    "PATCH /routing-rules/<int:rule_id>": Line("leads", {"title": "y"}),
    "POST /routing-rules/<int:rule_id>/remove": Line("leads"),
    "GET /tickets/<int:ticket_id>/routing": Line("ticket_staff"),
    "GET /alerts": Line("staff"),
    "POST /alerts/read": Line("staff"),
    "GET /alerts/wishes": Line("staff"),
    "PATCH /alerts/wishes": Line("staff", {"digest": "09:30"}),
    "GET /alert-rules": Line("leads"),
    "POST /alert-rules": Line(
        "leads", {"title": "x", "kind": "vip", "data": {"to": ["lead"]}, "department": "service"}
    ),
    "GET /alert-rules/<int:alert_rule_id>": Line("leads"),
    "PATCH /alert-rules/<int:alert_rule_id>": Line("leads", {"title": "y"}),
    "POST /tickets/<int:ticket_id>/not-upset": Line("ticket_agents"),
    "GET /word-rules": Line("leads"),
    "POST /word-rules": Line("leads", {**WORDS, "department": "service"}),
    "POST /word-rules/try": Line("leads", {"text": "stuck", "team": "service-team"}),
    "GET /word-rules/<int:word_rule_id>": Line("leads"),
    "PATCH /word-rules/<int:word_rule_id>": Line("leads", {"title": "y"}),
    "GET /tickets/<int:ticket_id>/alerts": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/silence": Line("ticket_agents"),
    "POST /tickets/<int:ticket_id>/unsilence": Line("ticket_agents"),
    "GET /tickets/<int:ticket_id>/watchers": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/watch": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/unwatch": Line("ticket_staff"),
    "GET /day": Line("leads"),
    "GET /day/departments/<int:department_id>": Line("leads"),
    "GET /day/tickets": Line("leads"),
    "GET /skills": Line("staff"),
    "POST /skills": Line("managers", {"name": "network"}),
    "GET /templates": Line("leads"),
    "POST /templates": Line("leads", {"name": "arrived", "title": "Arrived"}),
    "GET /templates/<template>": Line("leads"),
    "POST /templates/<template>": Line("leads", {"texts": {"en": {"subject": "x", "text": "{{ link }}"}}}),
    "POST /templates/<template>/preview": Line("leads", {"texts": {"en": {"subject": "x", "text": "y"}}, "ticket": 1}),
    "GET /sops/<name>/draft": Line("staff"),
    "POST /sops/<name>/draft": Line("leads"),
    "PATCH /sops/<name>/draft": Line("leads", {"revision": 1, "cases": ""}),
    "POST /sops/<name>/draft/review": Line("leads", {"revision": 1}),
    "POST /sops/<name>/draft/send-back": Line("leads", {"revision": 1}),
    "GET /sops/<name>/compare": Line("staff"),
    "POST /sops/<name>/try": Line("staff", {"for": "PT1H", "answers": {"nobody.offers_this": {}}}),
    "GET /sops/<name>/replay": Line("staff"),
    "GET /sops/<name>/versions/<int:number>/running": Line("leads"),
    "POST /sops/<name>/move": Line("leads", {"tickets": [1]}),
    "GET /tickets/<int:ticket_id>/course": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/course/switch": Line("ticket_agents", {"sop": "standard", "reason": "x"}),
    "POST /tickets/<int:ticket_id>/course/start": Line("ticket_agents", {"sop": "standard"}),
    "POST /tickets/<int:ticket_id>/course/restart": Line("ticket_agents", {"step": "beside"}),
    "POST /tickets/<int:ticket_id>/course/ahead": Line("ticket_agents", {"step": "beside"}),
    "POST /tickets/<int:ticket_id>/course/move": Line("ticket_leads", {"step": "beside", "reason": "x"}),
    "POST /tickets/<int:ticket_id>/course/go-on": Line("ticket_leads"),
    "POST /tickets/<int:ticket_id>/course/stop": Line("ticket_leads", {"reason": "x"}),
    "GET /work": Line("staff"),
    "GET /tickets/<int:ticket_id>/similar": Line("ticket_staff"),
    "POST /tickets/<int:ticket_id>/learn": Line("ticket_leads"),
    "POST /tickets/<int:ticket_id>/article": Line("ticket_agents"),
    "GET /articles": Line("staff"),
    "GET /articles/<int:article_id>": Line("staff"),
    "PATCH /articles/<int:article_id>": Line("service_agents", {"title": "x"}),
    "POST /articles/<int:article_id>/publish": Line("leads"),
    "GET /people": Line("staff"),
    "GET /people/<name>": Line("staff"),
    "POST /people": Line("managers", {"email": "new@example.com", "name": "New"}),
    "PATCH /people/<int:person_id>": Line("managers", {"tz": "Asia/Jakarta"}),
    "GET /people/<int:person_id>/leaving": Line("managers"),  # leads: of their own agents
    "GET /teams": Line("staff"),
    "POST /teams": Line("leads", {"name": "new", "department": "service"}),
    "PATCH /teams/<int:team_id>": Line("leads", {"title": "x"}),
    "GET /departments": Line("staff"),
    "POST /departments": Line("managers", {"name": "new", "title": "New"}),
    "PATCH /departments/<int:department_id>": Line("leads", {"title": "x"}),
    "GET /policies": Line("staff"),
    "POST /policies": Line(
        "leads", {"department": "service", "policy": {"name": "x", "metrics": {"resolution": {"goal": "PT8H"}}}}
    ),
    "GET /policies/<int:policy_id>": Line("ticket_staff"),
    "PATCH /policies/<int:policy_id>": Line("leads", {}),
    "GET /reckonings": Line("staff"),
    "GET /reroutings": Line("leads"),
    "POST /reroutings": Line("leads", {"department": "service"}),
    "GET /reroutings/preview": Line("leads"),
    "GET /reroutings/<int:rerouting_id>": Line("leads"),
    "GET /reroutings/<int:rerouting_id>/tickets": Line("leads"),
    "POST /reroutings/<int:rerouting_id>/cancel": Line("leads", {}),
    "GET /calendars": Line("staff"),
    "POST /calendars": Line("managers", {"name": "new", "hours": {"mon": [["09:00", "17:00"]]}}),
    "PATCH /calendars/<int:calendar_id>": Line("managers", {"hours": {}}),
    "GET /customers": Line("agents"),
    "GET /customers/<int:customer_id>": Line("agents"),
    "POST /customers": Line("agents", {"name": "Bo", "email": "bo@example.com"}),
    "PATCH /customers/<int:customer_id>": Line("agents", {"name": "Bo"}),
    "GET /organisations": Line("agents"),
    "POST /organisations": Line("agents", {"name": "PT New"}),
    "PATCH /organisations/<int:organisation_id>": Line("agents", {"name": "PT Newer"}),
    "GET /customer-classes": Line("agents"),
    "POST /customer-classes": Line("managers", {"name": "gold"}),
    "PATCH /customer-classes/<name>": Line("managers", {"title": "x"}),
    "GET /tokens": Line("agents"),
    "POST /tokens": Line("agents", {"name": "program"}),
    "POST /tokens/<int:token_id>/revoke": Line("agents"),
    "GET /openapi.json": Line("anybody"),
    "GET /docs": Line("anybody"),
}
MANY = """
sop: many
do:
  - beside:
      fork:
        join: all
        branches:
          one: [work: {task: Work, to: assignee}]
          two: [sign: {approval: {by: agent:dewi, question: May we?}}]
          three: [ask: {collaborate: {ask: agent:dewi, question: Which?}}]
          four: [write: {document: {article: suggest}}]
          five: [fail: {call: nobody.offers_this}]
          six: [tell: {notify: {to: customer, template: received, await: delivery}}]
"""


def _rerouted(tx: Connection) -> int:
    """A re-routing of the service department that has ended."""
    known = recent(tx, SYSTEM)
    return (known[0] if known else cancel(tx, SYSTEM, begin(tx, SYSTEM, Chosen(department_id=1)).id)).id


def operations(app: Flask) -> list[str]:
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")]
    return [
        f"{method} {rule.rule.removeprefix('/api/v1')}"
        for rule in found
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_operation_has_a_line(app: Flask) -> None:
    assert sorted(operations(app)) == sorted(LINES)


def test_every_ticket_command_hides_tickets(app: Flask) -> None:
    """Whoever is of another department must not even learn that the ticket exists."""
    bound = [one for one in operations(app) if "<int:ticket_id>" in one or "<path:key>" in one or "file_id" in one]
    assert bound
    assert all(WHO[LINES[one].who]["oskar"] == "404" for one in bound)


@pytest.mark.parametrize("nick", CALLERS)
def test_caller_reaches_only_theirs(nick: str, tries: Tries) -> None:
    wrong = []
    for operation, line in LINES.items():
        status = tries.call(nick, operation)
        seen = "in" if status < 500 and status not in {401, 403, 404} else str(status)
        if seen != WHO[line.who].get(nick, "401"):
            wrong.append(f"{operation}: {seen} instead of {WHO[line.who].get(nick, '401')}")
    assert not wrong, "\n".join(wrong)


@dataclass
class Tries:
    """Calls operations for somebody, each on a ticket of its own, so that no call spoils another one."""

    app: Flask
    settings: Settings
    database: Database

    def call(self, nick: str, operation: str) -> int:
        limiter.reset()  # so many wrong tokens are refused for another reason
        line, (method, rule) = LINES[operation], operation.split(" ")
        ids = self._prepare(nick, line.step)
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(ids[found[1]]), rule)
        token = f"est_{nick}"
        if nick == "customer":  # the address in a mail opens a page, and nothing here
            token = request_link(self.settings, ids["ticket_id"], ids["customer_id"], 1).removeprefix("/r/")
        program = Program(self.app, None if nick == "nobody" else token)
        answer = program.call(method, path, **({} if line.body is None else {"json": line.body}))
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json", operation
        return int(answer.status_code)

    def _prepare(self, nick: str, step: str) -> dict[str, Any]:
        file = NewAttachment("invoice.txt", "text/plain", b"an invoice")
        ref = CustomerRef("ana@example.com", "Ana")
        new = NewTicket("Printer", "Broken.", ref, department="service", sop="many", attachments=(file,))
        a, s = Attachment.__table__.c, StepVisit.__table__.c
        with self.database.write() as tx:
            opened = open_ticket(tx, self.settings, SYSTEM, new)
        [failing] = [key for key in self._effects(opened.ticket_id) if "/fail:" in key]
        perform(self.database, self.settings, failing)
        with self.database.write() as tx:
            rule = RuleText("Printers", "", {"priority": "high"}, 1)
            rule_id = add_rule(tx, self.settings, SYSTEM, rule) if not (known := all_rules(tx)) else known[0].id
            steps = {
                row.name: row.id for row in tx.execute(select(s.name, s.id).where(s.ticket_id == opened.ticket_id))
            }
            return FIRST | {
                "rule_id": rule_id,
                "rerouting_id": _rerouted(tx),
                "ticket_id": opened.ticket_id,
                "customer_id": opened.customer_id,
                "file_id": tx.execute(select(func.max(a.id))).scalar_one(),
                "step_id": steps[step] if step else 0,
                "key": next(key for key in self._effects(opened.ticket_id) if key != failing),
                "policy_id": create_policy(tx, SYSTEM, 1, POLICY),
                "token_id": self._new_token(tx, nick),
            }

    def _effects(self, ticket_id: int) -> list[str]:
        with self.database.read() as tx:
            return [row.key for row in effects.page(tx, ticket_id=ticket_id)]

    @staticmethod
    def _new_token(tx: Connection, nick: str) -> int:
        """A token of the caller's own: other people's do not exist for them."""
        issue_token(tx, IDS.get(nick, 1), "to be revoked")
        return int(tx.execute(select(func.max(Token.__table__.c.id))).scalar_one())


@pytest.fixture
def tries(app: Flask, firm: Database, settings: Settings) -> Tries:
    with firm.write() as tx:
        furnish(tx)
        procedures.publish(tx, SYSTEM, MANY, now=now_ms())
        create_calendar(
            tx, Actor("person", 1, "manager"), "hours", {"tz": "Asia/Jakarta", "hours": {"mon": [["09:00", "17:00"]]}}
        )
        create_organisation(tx, Actor("person", 1, "manager"), "PT Old")
        add_class(tx, Actor("person", 1, "manager"), "many")
        many = sop_drafts.find_sop(tx, Actor("person", 1, "manager"), "many")
        open_draft(tx, SYSTEM, many.id, now=now_ms())
        create_rule(tx, SYSTEM, "VIP", "vip", {"to": ["lead"]}, department_id=1)
        watch_words(tx, SYSTEM, "x", WORDS["data"], department_id=1)
    everybodys = {"title": "A", "body": "B", "visibility": "public", "language": "en", "state": "draft"}
    with firm.write() as tx:  # of the service department, and read by everybody
        times = {"created_at": now_ms(), "updated_at": now_ms()}
        tx.execute(Article.__table__.insert().values(id=1, department_id=1, marks={}, **times, **everybodys))
    return Tries(app, settings, firm)
