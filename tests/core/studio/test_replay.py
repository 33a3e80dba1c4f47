"""What a draft would have done with a ticket of the past: the verdicts, from pasts that a simulation has made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.calendar_reading import built_in, moment_of
from core.directory import Department, Directory, Person, Team
from core.procedure import deeds
from core.procedure.case_reading import Deed
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.sop.reading import load
from core.studio.past import Past
from core.studio.replay.arriving import as_it_arrived
from core.studio.replay.beside import beside
from core.studio.replay.choosing import Candidate
from core.studio.replay.judging import DIFFERENT, SAME, UNKNOWN, side_by_side
from core.studio.replay.summing import shown, summary, work_of
from core.timeline import Happening

if TYPE_CHECKING:
    from core.studio.replay.summing import Replay

Act = tuple[int, str, Any, dict[str, Any]]
START, HOUR = moment_of("2026-11-23T09:00+07:00"), 3_600_000
SARI = Person(1, "sari@lentera.example", "Sari Dewi", "sari", "agent", 1, "en", "Asia/Jakarta", active=True)
FIRM = Directory(
    1,
    {1: Department(1, "service", "Service", None, "en", "id-jakarta", None, 1, 240, 72, "priority", "")},
    {1: Team(1, 1, "repair", "Repair", None, (1,))},
    {1: SARI},
    {"id-jakarta": built_in("id-jakarta")},
    nicks={"sari": 1},
)
REFUND = """
sop: refund
fields:
  amount: {type: money, label: Amount paid}
do:
  - received: {notify: {to: customer, template: received}}
  - verify: {task: Check the invoice, require: [fields.amount], due: {business: PT4H}}
  - size:
      switch:
        - {if: fields.amount > 5000000, then: ask}
        - else: []
      then: finish
  - ask: {approval: {by: "team:finance", question: Pay it?}, on: {reject: {then: verify}}}
  - finish: {resolve: {require: [resolution]}}
"""
CHECKED: Act = (2, "complete", "verify", {"fields": {"amount": {"minor": 700_000_000, "currency": "IDR"}}})
APPROVED: Act = (3, "approve", "ask", {})
FINISHED: Act = (5, "complete", "finish", {"fields": {"resolution": "Paid"}})
_KINDS = {"complete": "task.completed", "approve": "step.voted", "reject": "step.voted", "skip": "step.done"}


class Ticket:
    """A ticket that went its way on a document: acts are (hours after the start, verb, target, details)."""

    def __init__(self, text: str, *acts: Act, answers: dict[str, Any] | None = None) -> None:
        self.sop = load(text)
        self.events: list[Happening] = []
        self.fields: dict[str, Any] = {}
        self.sim = Simulation(self.sop, Given(START, answers=answers or {}, assign="sari"))
        self.answers = {action: [answer] for action, answer in (answers or {}).items()}
        self.tell(START, "ticket.opened", {"channel": "email", "department": 1, "team": 1, "priority": 3})
        self.sim.begin()
        for hours, verb, target, details in acts:
            self.act(START + hours * HOUR, verb, target, details)
        for one in self.sim.log.notices:
            self.tell(one.at, "message.sent", {"template": one.what})

    def tell(self, at: int, kind: str, data: dict[str, Any], actor: str = "flow") -> None:
        n = len(self.events) + 1
        self.events.append(Happening(n, "ticket", 7, n, at, kind, actor, 1, None, 1, data))

    def act(self, at: int, verb: str, target: Any, details: dict[str, Any]) -> None:
        self.sim.advance(at)
        if verb in ("event", "told"):
            self.tell(at, target, details, "customer")
            if verb == "event":
                deeds.do(self.sim, Deed(verb, target, at, 0, {}))
            return
        visit = next(one for one in reversed(self.sim.ledger.values()) if one.name == target and one.open)
        typed = details.get("fields", {})
        self.sim.change("fields", {name: value for name, value in typed.items() if name in self.sop.fields})
        self.fields |= typed
        plain = {name: value for name, value in details.items() if name != "fields"}
        data = {"path": visit.path, "step": visit.name, "choice": verb}
        self.tell(at, _KINDS[verb], data, "person")
        deeds.do(self.sim, Deed(verb, target, at, 0, plain | {"by": "sari"}))
        if typed:
            self.sim.ledger[visit.path].result = typed

    def on(self, draft: str, *, still_open: bool = False, until: int = 24 * 30, **more: Any) -> Replay:
        """The ticket played on a draft."""
        self.sim.advance(START + until * HOUR)
        past = Past(self.sop, (), dict(self.sim.ledger), self.events, self.answers)
        arrived = as_it_arrived(START, {"topic": "refund", "tags": []}, {"class": "standard"}, self.events, FIRM)
        candidate = Candidate(7, "Refund", "en", "resolved", 1, len(self.events), False, arrived, self.sop.name)
        now = START + until * HOUR
        return beside(
            load(draft), candidate, [past], FIRM, fields=[self.fields], still_open=still_open, now=now, **more
        )


@pytest.fixture
def ticket() -> Ticket:
    """Seven millions, paid after an approval."""
    return Ticket(REFUND, CHECKED, APPROVED, FINISHED)


def names(stages: Any) -> list[str]:
    return [one.shown for one in stages]


def test_same_document_goes_the_same_way(ticket: Ticket) -> None:
    one = ticket.on(REFUND)
    assert (one.verdict.code, one.verdict.unknown) == (SAME, None)
    assert names(one.before) == names(one.after) == ["received", "verify", "size", "ask", "finish"]
    assert [(old.ended_at, old.late_ms) for old in one.before] == [(new.ended_at, new.late_ms) for new in one.after]
    assert (work_of(one, {}).work, one.after[1].by, one.after[1].late_ms) == (0, "Sari Dewi", 0)


def test_other_branch_is_told_with_its_values(ticket: Ticket) -> None:
    one = ticket.on(REFUND.replace("5000000", "9000000"))
    assert (one.verdict.code, one.verdict.at) == (DIFFERENT, 3)
    assert "instead of" in one.verdict.told
    why = " ".join(one.verdict.why)
    assert "Amount paid: Rp 7.000.000" in why
    assert "9.000.000” does not hold" in why
    assert "5.000.000” holds" in why
    assert (work_of(one, {"ask": HOUR}).work, work_of(one, {"ask": HOUR}).time_ms) == (-1, -HOUR)
    rows = [(old and old.shown, new and new.shown) for old, new in side_by_side(one.before, one.after)]
    assert rows[3:] == [("ask", None), ("finish", "finish")]


def test_shorter_due_times_are_missed_in_working_hours() -> None:
    late = Ticket(REFUND, (8, *CHECKED[1:]), (25, *APPROVED[1:]), (26, *FINISHED[1:]))
    one = late.on(REFUND.replace("PT4H", "PT2H").replace("finish: {", "finish: {due: {business: PT30M}, "))
    assert one.verdict.code == SAME
    assert {stage.shown: stage.late_ms for stage in one.due_before} == {"verify": 4 * HOUR}
    assert {stage.shown: stage.late_ms for stage in one.due_after} == {"verify": 6 * HOUR, "finish": HOUR // 2}


def test_new_step_is_work_added(ticket: Ticket) -> None:
    one = ticket.on(REFUND.replace("  - finish:", "  - call_back: {task: Call them, due: PT1H}\n  - finish:"))
    assert (one.verdict.code, names(one.after)[-2:]) == (DIFFERENT, ["call_back", "finish"])
    assert one.verdict.why[0] == "“Call them” is new in this draft."
    assert (one.after[-2].how, one.after[-2].late_ms) == ("assumed", None)
    counted = work_of(one, {"verify": HOUR})
    assert (counted.work, counted.time_ms, counted.untimed) == (1, None, ("call_back",))


def test_removed_step_is_told(ticket: Ticket) -> None:
    text = REFUND.replace(
        "        - {if: fields.amount > 5000000, then: ask}\n",
        "        - {if: fields.amount > 5000000, then: finish}\n",
    )
    text = "\n".join(line for line in text.splitlines() if not line.startswith("  - ask:"))
    one = ticket.on(text)
    assert (one.verdict.code, one.verdict.unknown) == (DIFFERENT, None)
    assert "“Pay it?” is not in this draft." in one.verdict.why


def test_renamed_step_keeps_its_acts(ticket: Ticket) -> None:
    one = ticket.on(REFUND.replace("  - verify: {", "  - check: {was: verify, ").replace("then: verify", "then: check"))
    assert (one.verdict.code, names(one.after)) == (DIFFERENT, ["received", "check", "size", "ask", "finish"])
    assert one.after[1].ended_at == START + 2 * HOUR


MAY_WE = '  - may_we: {approval: {by: "team:finance", question: May we?}, on: {reject: {then: end}}}\n'
WAITS = "  - wait_for_them: {wait: {event: customer.replied, for: P3D}}\n  - finish:"


@pytest.mark.parametrize(
    ("draft", "cause", "step"),
    [
        # the answer to a mail that was never sent
        (REFUND.replace("  - finish:", "  - more: {notify: {to: customer, template: more}}\n" + WAITS), "customer", "wait_for_them"),
        # the customer is asked to choose
        (REFUND.replace("  - finish:", "  - happy: {task: Good?, to: customer, choices: [yes_, no_]}\n  - finish:"), "customer", "happy"),
        # a decision that nobody took
        (REFUND.replace("5000000", "9000000").replace("      then: finish", "      then: ask"), "", ""),
        (REFUND.replace("  - verify:", f"{MAY_WE}  - verify:"), "decision", "may_we"),
        # a value that nobody typed in
        (
            REFUND.replace("fields:\n", "fields:\n  gift: {type: boolean, label: Gift}\n")
            .replace("[fields.amount]", "[fields.amount, fields.gift]")
            .replace("fields.amount > 5000000", "fields.gift"),
            "decision",
            "size",
        ),
        # what an action would have brought
        (
            REFUND.replace("  - verify:", "  - who: {call: crm.lookup}\n  - verify:").replace(
                "fields.amount > 5000000", 'steps.who.result.tier == "gold"'
            ),
            "action",
            "size",
        ),
        (REFUND.replace("  - verify:", "  - bug: {call: jira.create_issue, until: result.done}\n  - verify:"), "action", "bug"),
        (REFUND.replace("  - verify:", "  - other: {run: {ticket: {subject: Look}}}\n  - verify:"), "child", "other"),
    ],
)  # fmt: skip
def test_what_nobody_can_know_is_said(ticket: Ticket, draft: str, cause: str, step: str) -> None:
    found = ticket.on(draft).verdict
    assert ((found.unknown.cause, found.unknown.step) if found.unknown else ("", "")) == (cause, step)


def test_known_answers_of_actions_are_used() -> None:
    text = REFUND.replace("  - verify:", "  - who: {call: crm.lookup}\n  - verify:")
    ticket = Ticket(text, CHECKED, APPROVED, FINISHED, answers={"crm.lookup": {"tier": "gold"}})
    one = ticket.on(text.replace("fields.amount > 5000000", 'steps.who.result.tier == "silver"'))
    assert (one.verdict.code, one.verdict.unknown) == (DIFFERENT, None)


def test_answers_to_what_was_sent_are_known() -> None:
    text = REFUND.replace("  - verify:", "  - more: {notify: {to: customer, template: more}}\n  - verify:")
    ticket = Ticket(text, CHECKED, (3, "told", "customer.replied", {}), (4, "approve", "ask", {}), FINISHED)
    one = ticket.on(text.replace("  - finish:", "  - reply: {wait: {event: customer.replied, for: P9D}}\n  - finish:"))
    assert one.verdict.unknown is None
    assert {stage.shown: stage.outcome for stage in one.after}["reply"] == "event"


def test_open_tickets_have_not_come_that_far() -> None:
    one = Ticket(REFUND, CHECKED).on(REFUND, still_open=True)
    assert (one.verdict.code, one.verdict.unknown.cause, one.verdict.unknown.step) == (UNKNOWN, "open", "ask")  # type: ignore[union-attr]
    assert names(one.before) == names(one.after)


def test_merged_and_long_tickets_end_early() -> None:
    merged = Ticket(REFUND, CHECKED)
    merged.tell(START + 3 * HOUR, "ticket.merged", {"into": 9}, "person")
    deeds.do(merged.sim, Deed("event", "ticket.merged", START + 3 * HOUR, 0, {"by": "sari"}))
    found = merged.on(REFUND).verdict
    assert (found.code, found.unknown and found.unknown.cause) == (UNKNOWN, "merged")
    long = Ticket(REFUND, CHECKED).on(REFUND, too_long=True).verdict
    assert (long.code, long.unknown and long.unknown.cause) == (UNKNOWN, "size")


def test_timeouts_are_told(ticket: Ticket) -> None:
    one = ticket.on(REFUND.replace("question: Pay it?}", "question: Pay it?}, timeout: {after: PT30M, then: finish}"))
    assert (one.verdict.code, one.verdict.at, one.after[3].outcome) == (DIFFERENT, 3, "timeout")
    assert "instead of “approve" in one.verdict.told
    assert "“Pay it?” runs out of time before anybody acts." in one.verdict.why


def test_figures_know_their_tickets(ticket: Ticket) -> None:
    found = [work_of(ticket.on(text), {"ask": HOUR}) for text in (REFUND, REFUND.replace("5000000", "9000000"))]
    found.append(Ticket(REFUND, CHECKED).on(REFUND, still_open=True))
    told = summary(found)
    assert (told.verdicts, told.causes) == ({SAME: 1, DIFFERENT: 1, UNKNOWN: 1}, {"open": 1})
    assert (told.less, told.equal, told.more, told.work, told.time_ms) == (1, 1, 0, -1, -HOUR)
    assert (told.met_before, told.met_after) == (3, 3)
    assert shown(found, "cause-open") == [found[2]]
    assert shown(found, "less") == [found[1]]
    assert shown(found, "") == found
