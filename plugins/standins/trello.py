"""A stand-in of Trello: the REST calls that the plugin makes, signed webhooks, and one board to click on.

It is no Trello: it knows one board, and forgets nothing but what is deleted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from plugins.standins.kept import Kept
from plugins.standins.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY, TOKEN, SECRET = "standin-key", "standin-token", "standin-app-secret"
BOARD, SHORT = "5f0000000000000000000001", "StandIn1"
LISTS = {f"5f00000000000000000001{n:02d}": name for n, name in enumerate(("To do", "Doing", "Done"))}
LABELS = {f"5f00000000000000000002{n:02d}": name for n, name in enumerate(("Urgent", "Billing", "Printer"))}
PEOPLE = {"bot": "Estafet", "m1": "Maya Putri"}


class Refusal(Exception):
    """An answer that is not the wanted one; Trello says it in plain text."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def moment(ms: int) -> str:
    """As Trello writes moments."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + f".{ms % 1000:03d}Z"


def _now() -> int:
    return int(time.time() * 1000)


class Trello:
    """What the stand-in knows and does. `secret` is the one of the app, with which webhooks are signed."""

    def __init__(self, file: Path | None = None, secret: str = SECRET) -> None:
        self.kept = Kept(file, {"next": 1, "cards": {}, "webhooks": {}, "sent": [], "last": 0})
        self.secret = secret
        self.base = ""
        self.sending = Sending(self._note)

    def _note(self, url: str, how: str) -> None:
        with self.kept.changing() as data:
            data["sent"] = [*data["sent"][-19:], [url, how, _now()]]

    @contextmanager
    def _touching(self, card: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """One change; whatever it touches has a later moment than everything before."""
        with self.kept.changing() as data:
            data["last"] = max(_now(), data["last"] + 1)
            yield data
            if card is not None:
                card["last"] = data["last"]

    def new_id(self, data: dict[str, Any]) -> str:
        """24 hexadecimal digits, the first eight of which are its second."""
        data["next"] += 1
        return f"{int(time.time()):08x}{data['next']:016x}"

    # ---- cards ---------------------------------------------------------------------------------------------------------------

    def create(self, given: dict[str, Any], by: str = "bot") -> dict[str, Any]:
        """A new card on a list."""
        if given.get("idList") not in LISTS:
            raise Refusal(400, "invalid value for idList")
        labels = [one for one in given.get("idLabels", "").split(",") if one]
        if set(labels) - set(LABELS):
            raise Refusal(400, "invalid value for idLabels")
        with self._touching() as data:
            card = {
                "id": self.new_id(data),
                "short": f"c{data['next']:07d}",
                "name": given.get("name", ""),
                "desc": given.get("desc", "")[:16384],
                "list": given["idList"],
                "labels": labels,
                "due": given.get("due") or None,
                "complete": False,
                "closed": False,
                "comments": [],
                "checklists": [],
                "attachments": [],
                "last": data["last"],
            }
            data["cards"][card["id"]] = card
        self._tell("createCard", card, by)
        return card

    def card(self, name: str) -> dict[str, Any]:
        """By its id or its short link."""
        with self.kept.reading() as data:
            for one in data["cards"].values():
                if name in {one["id"], one["short"]}:
                    return one  # type: ignore[no-any-return]
        raise Refusal(404, "The requested resource was not found.")

    def change(self, card: dict[str, Any], by: str, **given: Any) -> None:
        """Other properties, told as Trello tells each of them."""
        if given.get("list", card["list"]) not in LISTS:
            raise Refusal(400, "invalid value for idList")
        before = {name: card[name] for name in given}
        with self._touching(card):
            card.update(given)
        self._tell_labels(card, by, set(before.pop("labels", card["labels"])))
        if old := {name: value for name, value in before.items() if value != card[name]}:
            self._tell("updateCard", card, by, old={"idList" if name == "list" else name: old[name] for name in old})

    def _tell_labels(self, card: dict[str, Any], by: str, before: set[str]) -> None:
        for number in sorted(before ^ set(card["labels"])):
            kind = "removeLabelFromCard" if number in before else "addLabelToCard"
            self._tell(kind, card, by, label={"id": number, "name": LABELS[number]})

    def comment(self, card: dict[str, Any], text: str, by: str) -> dict[str, Any]:
        """Somebody says something."""
        if not text.strip():
            raise Refusal(400, "invalid value for text")
        with self._touching(card) as data:
            comment = {"id": self.new_id(data), "by": by, "text": text, "at": data["last"]}
            card["comments"].append(comment)
        self._tell("commentCard", card, by, text=text, action_id=comment["id"])
        return comment

    def delete(self, card: dict[str, Any], by: str) -> None:
        """It is gone for good."""
        with self._touching(card) as data:
            data["cards"].pop(card["id"], None)
        self._tell("deleteCard", card, by)

    # ---- webhooks ------------------------------------------------------------------------------------------------------------

    def check_callback(self, url: str) -> None:
        """Trello asks with HEAD whether the address is there before it takes a webhook."""
        try:
            fine = requests.head(url, timeout=5, allow_redirects=False).status_code == 200
        except requests.RequestException:
            fine = False
        if not fine:
            raise Refusal(400, f"URL ({url}) did not return 200 status code")

    def _tell(self, kind: str, card: dict[str, Any], by: str, *, action_id: str | None = None, **data: Any) -> None:
        shown = {"id": card["id"], "shortLink": card["short"], "name": card["name"], "due": card["due"]}
        with self._touching() as kept:
            action = {
                "id": action_id or self.new_id(kept),
                "type": kind,
                "date": moment(card["last"]),
                "data": {**data, "card": shown, "board": {"id": BOARD}},
                "memberCreator": {"id": by, "fullName": PEOPLE[by], "username": by},
            }  # fmt: skip
            hooks = [one for one in kept["webhooks"].values() if one["active"]]
        for hook in hooks:
            body = json.dumps({"action": action, "model": {"id": hook["idModel"]}}).encode()
            signed = hmac.new(self.secret.encode(), body + hook["callbackURL"].encode(), hashlib.sha1).digest()
            headers = {"Content-Type": "application/json", "X-Trello-Webhook": base64.b64encode(signed).decode()}
            self.sending.send(hook["callbackURL"], body, headers)

    # ---- as it is answered ---------------------------------------------------------------------------------------------------

    def json(self, card: dict[str, Any]) -> dict[str, Any]:
        """As the REST interface shows a card."""
        return {
            "id": card["id"],
            "shortLink": card["short"],
            "shortUrl": f"{self.base}/c/{card['short']}",
            "url": f"{self.base}/c/{card['short']}",
            "name": card["name"],
            "desc": card["desc"],
            "idBoard": BOARD,
            "idList": card["list"],
            "list": {"id": card["list"], "name": LISTS[card["list"]]},
            "idLabels": card["labels"],
            "labels": [{"id": one, "name": LABELS[one], "color": "sky"} for one in card["labels"]],
            "due": card["due"],
            "dueComplete": card["complete"],
            "closed": card["closed"],
            "dateLastActivity": moment(card["last"]),
        }


def comment_json(comment: dict[str, Any]) -> dict[str, Any]:
    """A comment, which is an action at Trello."""
    return {
        "id": comment["id"],
        "type": "commentCard",
        "date": moment(comment["at"]),
        "data": {"text": comment["text"]},
        "memberCreator": {"id": comment["by"], "fullName": PEOPLE[comment["by"]], "username": comment["by"]},
    }
