"""A plugin chooses who gets a ticket, as an effect: whatever it does, somebody or the team's backlog holds the ticket, and *why* says it."""

import json

import pytest

from core import effects, procedures
from core.actors import SYSTEM
from core.directory import directory
from core.errors import Invalid
from core.moments import now_ms
from core.organisation import NewPerson, add_person
from core.organisation_changes import change_team
from core.plugins.choosing import ask_who
from core.plugins.publishing import switch
from core.routing.answering import answer_overdue, take_answer
from core.routing.asking import ANSWER_WITHIN_MS, CHOOSE, Answered
from core.routing.store import RuleText, add_rule
from core.sop.naming import Names
from core.studio.completing import suggestions
from core.studio.known_names import check_here, known_names
from core.tickets.holding import set_availability, take
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.rows import read
from web.desk.why import explain

PLUGIN = """
import estafet, os, time
@estafet.hookimpl
def register_routing_strategies():
    return ["last_name", "nobody", "hangs", "raises", "stranger", "nonsense", "dies"]
@estafet.hookimpl
def choose_agent(strategy, ticket, candidates):
    if strategy == "hangs":
        time.sleep(60)  # longer than the limit of a call
    if strategy == "raises":
        raise estafet.TemporaryFailure("the time service is away", wait=600)
    if strategy == "dies":
        os._exit(3)
    who = max(candidates, key=lambda one: (one.skills.get("taxes", 0), one.name))
    assert (who.open, who.load, who.availability) == (0, 0.0, "online"), who
    return {"last_name": who.id, "nobody": None, "stranger": 999999, "nonsense": "Zita"}[strategy]
"""
SOP = """
sop: chosen
title: Chosen
start: {{if: 'ticket.channel == "form"'}}
do:
  - take:
      assign: {{by: {by}}}
  - finish:
      resolve: {{require: [resolution]}}
"""


@pytest.fixture
def geo(host):
    """A firm of three whose plugin `geo` can choose."""
    return chooses(host)


def chooses(host):
    host.add("geo", PLUGIN)
    host.publish_only("geo")
    with host.database.write() as tx:
        team = next(iter(directory(tx).teams.values()))
        new = NewPerson("zita@example.com", "Zita", "agent", team.department_id, [team.id], availability="online")
        host.zita = add_person(tx, SYSTEM, new)
    return host


def open_one(host, by):
    with host.database.write() as tx:
        procedures.publish(tx, SYSTEM, SOP.format(by=by), now=now_ms())
    with host.database.write() as tx:
        new = NewTicket("Broken", "It is.", CustomerRef("sari@example.com", "Sari"), channel="form", language="en")
        return open_ticket(tx, host.settings, SYSTEM, new).ticket_id


def question(host, ticket):
    with host.database.read() as tx:
        return next(one for one in effects.page(tx, ticket_id=ticket) if one.kind == CHOOSE and one.ended_at is None)


def ask(host, ticket):
    return ask_who(host.database, host.settings, host.pool, question(host, ticket).key)


def holder(host, ticket):
    with host.database.read() as tx:
        return read(tx, ticket).holder_id


def why(host, ticket):
    given = [event for event in host.events(ticket) if event.kind == "ticket.assigned"][-1].data["why"]
    assert len(json.dumps(given)) < 1000
    return given


def test_plugin_chooses_the_holder(any_host):
    host = chooses(any_host)
    ticket = open_one(host, "geo.last_name")
    assert holder(host, ticket) is None  # in the team's backlog, until the answer is there
    standing = ask(host, ticket)
    assert (holder(host, ticket), standing.open_steps) == (host.zita, ("finish",))
    assert why(host, ticket)["plugin"] == {"name": "geo", "strategy": "last_name", "how": "chosen"}
    assert len(why(host, ticket)["others"]) == 2
    assert explain(None, {"plugin": why(host, ticket)["plugin"]}) == ("Chosen by plugin geo: strategy last_name",)
    assert host.step(ticket, "take").outcome == "assigned"


@pytest.mark.parametrize(
    ("strategy", "how"),
    [("raises", "failed"), ("stranger", "stranger"), ("nonsense", "failed"), ("hangs", "slow"), ("dies", "lost")],
)
def test_bad_answer_falls_back_at_once(geo, strategy, how):
    ticket = open_one(geo, f"geo.{strategy}")
    ask(geo, ticket)
    assert holder(geo, ticket) == geo.manager.id  # nobody holds anything: the first of the least busy
    assert why(geo, ticket)["plugin"] == {"name": "geo", "strategy": strategy, "how": how}
    assert why(geo, ticket)["by"] == "least_busy"
    state = geo.state("geo")
    assert (state.errors, state.last_error_ticket) == (1, ticket)


def test_plugin_leaves_it_in_the_backlog(geo):
    ticket = open_one(geo, "geo.nobody")
    ask(geo, ticket)
    assert holder(geo, ticket) is None
    assert why(geo, ticket)["plugin"]["how"] == "nobody"
    with geo.database.write() as tx:  # somebody comes: the plugin is asked again, beside the step
        set_availability(tx, geo.settings, geo.agent, geo.agent.id, "offline")
        set_availability(tx, geo.settings, geo.agent, geo.agent.id, "online")
    assert question(geo, ticket).payload["drain"]
    ask(geo, ticket)
    assert holder(geo, ticket) is None


def test_switched_off_plugin_is_not_waited_for(geo):
    asked = open_one(geo, "geo.last_name")
    with geo.database.write() as tx:
        switch(tx, geo.manager, "geo", on=False)
    later = open_one(geo, "geo.last_name")
    assert holder(geo, later) == geo.manager.id  # decided in the transaction that opened it
    assert why(geo, later)["plugin"]["how"] == "off"
    assert answer_overdue(geo.database, geo.settings, now_ms()) == 1
    assert holder(geo, asked) is not None
    assert why(geo, asked)["plugin"]["how"] == "off"
    assert answer_overdue(geo.database, geo.settings, now_ms()) == 0


def test_dead_host_is_not_waited_for(geo):
    ticket = open_one(geo, "geo.last_name")
    assert answer_overdue(geo.database, geo.settings, now_ms()) == 0
    key = question(geo, ticket).key
    assert answer_overdue(geo.database, geo.settings, now_ms() + ANSWER_WITHIN_MS + 1000) == 1
    assert why(geo, ticket)["plugin"]["how"] == "silent"
    held = holder(geo, ticket)
    ask_who(geo.database, geo.settings, geo.pool, key)  # the host is back: too late
    assert holder(geo, ticket) == held


def test_colleague_is_looked_at_again(geo):
    ticket = open_one(geo, "geo.last_name")
    key = question(geo, ticket).key
    with geo.database.write() as tx:
        set_availability(tx, geo.settings, geo.manager, geo.zita, "offline")
    with geo.database.write() as tx:
        take_answer(tx, geo.settings, key, Answered("geo.last_name", "chosen", geo.zita), now_ms())
    assert holder(geo, ticket) == geo.manager.id
    assert why(geo, ticket)["plugin"]["how"] == "taken"


def test_taken_ticket_stays_taken(geo):
    ticket = open_one(geo, "geo.last_name")
    with geo.database.write() as tx:
        take(tx, geo.settings, geo.agent, ticket)
    ask(geo, ticket)
    assert holder(geo, ticket) == geo.agent.id


def test_rule_and_team_name_a_strategy(geo):
    with geo.database.write() as tx:
        rule = RuleText("By name", 'ticket.channel == "form"', {"by": "geo.last_name"})
        add_rule(tx, geo.settings, geo.manager, rule)
        with pytest.raises(Invalid, match=r"Did you mean “geo.last_name”") as wrong:
            add_rule(tx, geo.settings, geo.manager, RuleText("Slip", "", {"by": "geo.lastname"}))
        assert wrong.value.errors[0].pointer == "/gives/by"
        team = next(iter(directory(tx).teams.values()))
        change_team(tx, geo.settings, geo.manager, team.id, {"routing": {"by": "geo.stranger"}})
    ticket = open_one(geo, "least_busy")  # the rule's way comes before the team's
    ask(geo, ticket)
    assert holder(geo, ticket) == geo.zita


def test_backlog_is_given_one_after_the_other(geo):
    with geo.database.write() as tx:
        for one in (geo.manager.id, geo.agent.id, geo.zita):
            set_availability(tx, geo.settings, geo.manager, one, "offline")
    tickets = [open_one(geo, "geo.last_name") for _n in range(2)]
    with geo.database.write() as tx:
        set_availability(tx, geo.settings, geo.agent, geo.agent.id, "online")
    for ticket in tickets:
        with geo.database.read() as tx:
            waiting = [one.ticket_id for one in effects.page(tx) if one.kind == CHOOSE and one.ended_at is None]
        assert waiting == [ticket]  # the next one is asked when this one is decided
        take = question(geo, ticket)
        geo.add("geo", PLUGIN.replace("(0, 0.0,", f"({tickets.index(ticket)}, {tickets.index(ticket)}.0,"))
        ask_who(geo.database, geo.settings, geo.pool, take.key)
        assert holder(geo, ticket) == geo.agent.id


def test_strategy_is_checked_when_saved(geo):
    with geo.database.read() as tx:
        [wrong] = check_here(tx, SOP.format(by="geo.last_nam")).errors
        assert (wrong.code, wrong.line, wrong.suggests) == ("unknown-strategy", 7, "geo.last_name")
        assert not check_here(tx, SOP.format(by="geo.last_name")).errors
        names = known_names(tx)
    text = "sop: a\ndo:\n  - take:\n      assign: {by: "
    assert "geo.last_name" in [one.label for one in suggestions(text, len(text), names)]
    assert "geo.last_name" not in [one.label for one in suggestions(text, len(text), Names())]


def test_strict_step_fails_when_nobody_is_chosen(geo):
    with geo.database.write() as tx:
        text = SOP.format(by="geo.nobody, backlog: false").replace("  - finish", "      on_error: finish\n  - finish")
        procedures.publish(tx, SYSTEM, text, now=now_ms())
        new = NewTicket("Broken", "It is.", CustomerRef("sari@example.com", "Sari"), channel="form", language="en")
        ticket = open_ticket(tx, geo.settings, SYSTEM, new).ticket_id
    ask(geo, ticket)
    assert geo.step(ticket, "take").outcome == "error"
