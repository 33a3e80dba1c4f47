"""A step that waits until its notice is handed over: it ends with the last mail, and at once when no mail is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import configuration, effects
from core.advance import MOST_WALKS
from core.tickets.opening import CustomerRef
from core.tickets.settling import answer_unknown, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.effects import EffectRow
    from tests.core.conftest import Desk

MORNING = 1_795_485_600_000
SOP = """
sop: telling
do:
  - tell:
      notify: {to: %s, template: update, await: delivery}
  - work: {task: Work, to: agent:dewi}
"""


def notices(desk: Desk, ticket: int) -> list[EffectRow]:
    return [effect for effect in desk.effects(ticket) if effect.title == "tell"]


def settle_one(desk: Desk, key: str, state: str) -> None:
    with desk.database.write() as tx:
        settle(tx, desk.settings, key, state, MORNING)


def test_mail_to_colleagues_ends_its_step(desk: Desk, follow: Callable[..., Any]) -> None:
    play = follow(SOP % "agent:bagus")
    assert play.open == ["tell"]
    assert play.told()[:1] == ["bagus"]
    assert play.open == ["work"]


def test_step_waits_for_both_mails(desk: Desk, follow: Callable[..., Any]) -> None:
    """The customer and a colleague are told: the step ends with the second mail, whichever that is."""
    play = follow(SOP % "[customer, agent:bagus]")
    first, second = notices(desk, play.ticket)
    settle_one(desk, first.key, "done")
    assert play.open == ["tell"]
    settle_one(desk, second.key, "done")
    assert play.open == ["work"]


def test_notice_without_mail_goes_on(desk: Desk, follow: Callable[..., Any]) -> None:
    """Nobody knows an address of this customer: the notice stands on the request page, and nothing is waited for."""
    play = follow(SOP % "customer", customer=CustomerRef(name="Budi", phone="+62 21 555"))
    assert play.open == ["work"]
    assert notices(desk, play.ticket) == []


def test_many_notices_without_mail_go_on(desk: Desk, follow: Callable[..., Any]) -> None:
    """More of them than one transaction walks: the alarm rings at once for the rest."""
    tell = "".join(
        f"  - tell_{n}: {{notify: {{to: customer, template: update, await: delivery}}}}\n"
        for n in range(MOST_WALKS + 2)
    )
    document = f"sop: talkative\ndo:\n{tell}  - work: {{task: Work, to: agent:dewi}}\n"
    play = follow(document, customer=CustomerRef(name="Budi", phone="+62 21 555"))
    assert play.row.alarm_at == MORNING
    assert play.row.want_seq == play.row.last_seq
    play.wind(0)
    assert play.open == ["work"]


def test_notice_to_nobody_asks_the_lead(desk: Desk, follow: Callable[..., Any]) -> None:
    """The team has no members any more: that is a failure, and somebody decides."""
    desk.sql("UPDATE person SET active = :no WHERE nick = 'rina'", no=False)
    with desk.database.write() as tx:
        configuration.bump(tx)
    play = follow(SOP % "team:invoices")
    assert play.step("tell").marks["asked"] is True


def test_answer_about_unknown_mail_ends_step(desk: Desk, follow: Callable[..., Any]) -> None:
    """Nobody knew whether the mail left; a person says that it did: that answers the step's question, too."""
    play = follow(SOP % "agent:bagus")
    [mail] = notices(desk, play.ticket)
    settle_one(desk, mail.key, "unknown")
    assert play.step("tell").marks["asked"] is True
    with desk.database.write() as tx:
        answer_unknown(tx, desk.settings, desk.people["catherine"], mail.key, "done")
    assert play.open == ["work"]


def test_key_of_deep_step_fits(desk: Desk, follow: Callable[..., Any]) -> None:
    """Steps deep inside others have long paths; the keys of their effects stay within the column and end their steps."""
    names = [f"a_part_of_the_procedure_with_a_long_name_{n}" for n in range(7)]
    body = "notify: {to: [customer, agent:bagus], template: update, await: delivery}"
    document = "sop: deep\ndo:\n"
    for depth, name in enumerate(names):
        space = "    " * depth
        document += f"  {space}- {name}:\n    {space}  do:\n"
    play = follow(
        f"{document}  {'    ' * 7}- tell:\n    {'    ' * 7}  {body}\n  - work: {{task: Work, to: agent:dewi}}\n"
    )
    keys = [effect.key for effect in notices(desk, play.ticket)]
    assert len(play.step("tell").path) > 200
    assert [len(key) <= 200 for key in keys] == [True, True]
    play.told()
    assert play.open == ["work"]


def test_long_keys_stay_apart() -> None:
    long = "1/2/" + "x" * 300
    assert effects.fitted(long) == effects.fitted(long)
    assert effects.fitted(long + "a") != effects.fitted(long + "b")
    assert effects.fitted("1/2/work:notify") == "1/2/work:notify"
