"""Cards for tickets: made, attached, moved and ticked; and how a card is found again when nobody knows whether it was made.

The last line of a card's description leads to the ticket and carries the key of the call. The cards of a board are read from the board
itself, not from Trello's search, so that they never lag behind.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import estafet
from plugins.trello.reading import as_result, done_lists, is_done, listed, ref_of
from plugins.trello.site import Site, card_in

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKLIST = "Tasks"
LONGEST = 4000  # characters: a description travels in the address of the request


def mark_of(call_key: str) -> str:
    """How cards and comments say which call wrote them."""
    return "#estafet-" + hashlib.sha256(call_key.encode()).hexdigest()[:12]


def create(call: estafet.Call) -> estafet.ActionResult:
    """Make the card with its labels, due moment and checklist."""
    site, given = Site(call.settings), call.arguments
    board = site.board(given.get("board"))
    labels = site.labels(board, list(given.get("labels") or listed(call.settings.get("labels"))))
    made = site.ask(
        "POST",
        "/cards",
        idList=site.list_on(board, str(given.get("list") or call.settings.get("list") or "To do")),
        name=str(given.get("name") or call.ticket.subject)[:512],
        desc=_description(call),
        due=given.get("due") or None,
        idLabels=",".join(labels) or None,
        pos="top",
    )
    if not isinstance(made, dict) or "id" not in made:
        raise estafet.OutcomeUnknown("Trello answered without saying which card it made")
    try:
        return _complete(site, made, call)
    except (estafet.TemporaryFailure, estafet.PermanentFailure) as failure:  # it exists: no failure may say otherwise
        raise estafet.OutcomeUnknown(f"The card was made, and then: {failure}") from failure


def find(call: estafet.Call) -> estafet.ActionResult | None:
    """The card that an interrupted call made, with what was still missing; None when there is surely none."""
    site, mark = Site(call.settings), mark_of(call.key)
    board = site.board(call.arguments.get("board"))
    cards = site.ask("GET", f"/boards/{quote(board)}/cards/all", fields="desc,shortLink") or ()
    ours = [one for one in cards if mark in str(one.get("desc") or "")]
    return _complete(site, ours[0], call) if ours else None


def _complete(site: Site, card: Mapping[str, Any], call: estafet.Call) -> estafet.ActionResult:
    """What comes behind the creation: each item of the checklist that is not there yet."""
    number = str(card["id"])
    if wanted := _items(call):
        lists = site.ask("GET", f"/cards/{quote(number)}/checklists") or ()
        ours = next((one for one in lists if one.get("name") == CHECKLIST), None)
        ours = ours or site.ask("POST", "/checklists", idCard=number, name=CHECKLIST)
        there = {str(item.get("name")) for item in ours.get("checkItems") or ()}
        for name in wanted:
            if name not in there:
                site.ask("POST", f"/checklists/{quote(str(ours['id']))}/checkItems", name=name)
    return as_result(site.card(number), call.settings, call.arguments.get("step"))


def _items(call: estafet.Call) -> list[str]:
    """What the checklist holds: what the call says, else the tasks of the ticket's procedure when somebody chose so."""
    given = call.arguments.get("checklist")
    if given is None and call.settings.get("tasks"):
        given = [task.title for task in call.ticket.tasks]
    return list(dict.fromkeys(name for one in given or () if (name := str(one).strip()[:LONGEST])))


def _description(call: estafet.Call) -> str:
    words = str(call.arguments.get("description") or "").strip()[:LONGEST]
    line = f"[Ticket {call.ticket.id}]({call.ticket.url}{mark_of(call.key)})"
    return f"{words}\n\n{line}" if words else line


def attach(call: estafet.Call) -> estafet.ActionResult:
    """A card that exists already belongs to the ticket from now on, and leads to it. Doing it twice does no harm."""
    site, url = Site(call.settings), call.ticket.url
    card = site.card(card_in(str(call.arguments["card"])))
    path = f"/cards/{quote(ref_of(card))}/attachments"
    if not any(one.get("url") == url for one in site.ask("GET", path) or ()):
        site.ask("POST", path, url=url, name=f"Ticket {call.ticket.id}: {call.ticket.subject}"[:255])
    return as_result(card, call.settings, call.arguments.get("step"))


def move(call: estafet.Call) -> estafet.ActionResult:
    """Put a card on a list. Without a list it goes where done cards go, unless it is on such a list already."""
    site = Site(call.settings)
    card = site.card(site.card_of(call))
    wanted = str(call.arguments.get("list") or "").strip()
    if not wanted:
        lists = done_lists(call.settings)
        if not lists:
            raise estafet.PermanentFailure("No list means “done”: name one in the call, or on the plugins page.")
        wanted = lists[0]
        if is_done({**card, "dueComplete": False}, call.settings):
            return as_result(card, call.settings)
    if str((card.get("list") or {}).get("name", "")).casefold() != wanted.casefold():
        site.ask("PUT", f"/cards/{quote(ref_of(card))}", idList=site.list_on(str(card["idBoard"]), wanted))
        card = site.card(ref_of(card))
    return as_result(card, call.settings)


def tick(call: estafet.Call) -> estafet.ActionResult:
    """Tick an item of a card's checklist. What is not there, or ticked already, stays as it is."""
    site, wanted = Site(call.settings), str(call.arguments["item"]).strip()[:LONGEST]
    card, ticked = site.card_of(call), 0
    for one in site.ask("GET", f"/cards/{quote(card)}/checklists") or ():
        for item in one.get("checkItems") or ():
            if item.get("name") == wanted and item.get("state") != "complete":
                site.ask("PUT", f"/cards/{quote(card)}/checkItem/{quote(str(item['id']))}", state="complete")
                ticked += 1
    return estafet.ActionResult({"card": card, "ticked": ticked})


def wishes_for(step: estafet.Step, ticket: estafet.Ticket, settings: Mapping[str, Any]) -> list[estafet.Wish]:
    """A task was completed here: cards that stand for it go where done cards go, and on the others it is ticked."""
    titles = {task.name: task.title for task in ticket.tasks}
    wishes = []
    for ref in dict.fromkeys(one.ref for one in ticket.links if one.open):
        if any(_stands_for(one, step) for one in ticket.links if one.ref == ref):
            wishes += [estafet.Wish("trello.move", {"card": ref})] if done_lists(settings) else []
        elif settings.get("tasks") and step.name in titles:
            wishes.append(estafet.Wish("trello.tick", {"card": ref, "item": titles[step.name]}))
    return wishes


def _stands_for(link: estafet.Link, step: estafet.Step) -> bool:
    return link.path == step.path or (bool(link.step) and link.step == step.name)
