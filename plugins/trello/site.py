"""The Trello of the settings: boards, lists and labels by their names, and cards by whatever a person wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import estafet
from estafet.http import Other

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "https://api.trello.com"
_CARD = re.compile(r"(?:^|/c/)([A-Za-z0-9]{8}|[0-9a-f]{24})(?:$|[/?#])")
_FIELDS = "name,desc,shortLink,shortUrl,idList,idBoard,labels,due,dueComplete,closed,dateLastActivity"


class Site:
    """Trello, asked with the key and the token of the settings."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self._other = Other("Trello", str(settings.get("site") or API))
        self._login = {"key": settings["key"], "token": settings["token"]}

    def ask(self, method: str, path: str, **query: Any) -> Any:
        """Everything goes into the query; what is None is left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._other.ask(method, f"/1{path}", query={**given, **self._login})

    def webhooks(self) -> list[dict[str, Any]]:
        """All webhooks of the token."""
        return list(self.ask("GET", f"/tokens/{quote(str(self.settings['token']))}/webhooks") or ())

    def me(self) -> dict[str, Any]:
        """The account of the token."""
        return dict(self.ask("GET", "/members/me"))

    # ---- by name -------------------------------------------------------------------------------------------------------------

    def board(self, name: str | None) -> str:
        """The id of a board, by its name, short link or id; without a name the usual one."""
        wanted = str(name or self.settings.get("board") or "").strip()
        if not wanted:
            raise estafet.PermanentFailure(
                "Nobody says on which board: name it in the call, or a usual one on the plugins page."
            )
        boards = self.ask("GET", f"/members/{quote(str(self.me()['id']))}/boards", filter="open")
        return _by_name("board", wanted, boards)

    def list_on(self, board: str, name: str) -> str:
        """The id of a list on a board."""
        return _by_name("list", name, self.ask("GET", f"/boards/{quote(board)}/lists", filter="open", fields="name"))

    def labels(self, board: str, names: list[str]) -> list[str]:
        """The ids of labels of a board."""
        if not names:
            return []
        known = self.ask("GET", f"/boards/{quote(board)}/labels", limit=1000) or []
        return [_by_name("label", name, known) for name in names]

    # ---- cards ---------------------------------------------------------------------------------------------------------------

    def card(self, name: str) -> dict[str, Any]:
        """A card as it is now, with its list."""
        return dict(self.ask("GET", f"/cards/{quote(name)}", fields=_FIELDS, list="true"))

    def card_of(self, call: estafet.Call) -> str:
        """Which card an action is about: the one that is named, else the only one that the ticket has."""
        named = call.arguments.get("card")
        if named:
            return card_in(str(named))
        linked = list(dict.fromkeys(one.ref for one in call.ticket.links if one.open))
        if len(linked) == 1:
            return linked[0]
        if linked:
            raise estafet.PermanentFailure(f"The ticket has several cards ({', '.join(linked)}): say which one.")
        raise estafet.PermanentFailure("The ticket has no card yet: attach one, or give its address.")


def card_in(words: str) -> str:
    """The short link in what a person wrote: the card's address, or the short link itself."""
    found = _CARD.search(words.strip())
    if found is None:
        raise estafet.PermanentFailure(
            f"“{words[:200]}” is no card: give its address, such as https://trello.com/c/AbCd1234."
        )
    return found[1]


def _by_name(what: str, name: str, known: list[dict[str, Any]]) -> str:
    wanted = name.strip().casefold()
    for one in known:
        if wanted in {
            str(one.get("name", "")).casefold(),
            str(one.get("shortLink", "")).casefold(),
            str(one["id"]).casefold(),
        }:
            return str(one["id"])
    names = ", ".join(str(one.get("name") or one.get("color")) for one in known[:30]) or "none"
    raise estafet.PermanentFailure(f"Trello has no {what} “{name}”. There are: {names}.")
