"""The doors of the stand-in of Trello: its REST interface, and the board for people."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, redirect, render_template, request

from plugins.standins.serving import add_fault_door
from plugins.standins.trello import BOARD, KEY, LABELS, LISTS, PEOPLE, SHORT, TOKEN, Refusal, Trello, comment_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {"name": "name", "desc": "desc", "idList": "list", "due": "due", "dueComplete": "complete", "closed": "closed"}
ACCOUNT = "5f00000000000000000003aa"
_BOOLEANS = {"dueComplete", "closed"}


def create_app(trello: Trello) -> Flask:
    """The application of one stand-in."""
    app = Flask("standin_trello", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
    app.url_map.strict_slashes = False
    add_fault_door(app)
    _add_login(app, trello)
    _add_boards(app, trello)
    _add_cards(app, trello)
    _add_parts(app, trello)
    _add_webhooks(app, trello)
    _add_board(app, trello)
    return app


def _add_login(app: Flask, trello: Trello) -> None:
    @app.before_request
    def log_in() -> Any:
        trello.base = request.host_url.rstrip("/")
        if not request.path.startswith("/1/"):
            return None
        if (request.args.get("key"), request.args.get("token")) != (KEY, TOKEN):
            return Response("invalid token", 401, content_type="text/plain")
        if request.get_data():
            return Response("a body is not taken here", 415, content_type="text/plain")
        return None

    @app.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> Any:
        return Response(refusal.words, refusal.status, content_type="text/plain")


def _add_boards(app: Flask, trello: Trello) -> None:
    def board() -> dict[str, Any]:
        return {"id": BOARD, "name": "Support", "shortLink": SHORT, "url": f"{trello.base}/b/{SHORT}", "closed": False}

    def known(name: str) -> None:
        if name not in {BOARD, SHORT}:
            raise Refusal(404, "board not found")

    @app.get("/1/members/me")
    def me() -> Any:
        return jsonify(id=ACCOUNT, fullName=PEOPLE["bot"], username="bot")

    @app.get("/1/members/<who>/boards")
    def boards(who: str) -> Any:
        if who not in {"me", ACCOUNT}:
            raise Refusal(404, "member not found")
        return jsonify([board()])

    @app.get("/1/boards/<name>/lists")
    def lists(name: str) -> Any:
        known(name)
        return jsonify([{"id": one, "name": title, "closed": False, "idBoard": BOARD} for one, title in LISTS.items()])

    @app.get("/1/boards/<name>/labels")
    def labels(name: str) -> Any:
        known(name)
        return jsonify([{"id": one, "name": title, "color": "sky"} for one, title in LABELS.items()])

    @app.get("/1/boards/<name>/cards/<which>")
    def cards(name: str, which: str) -> Any:
        known(name)
        with trello.kept.reading() as data:
            return jsonify([trello.json(one) for one in data["cards"].values() if which == "all" or not one["closed"]])


def _add_cards(app: Flask, trello: Trello) -> None:
    @app.post("/1/cards")
    def create() -> Any:
        return jsonify(trello.json(trello.create(request.args.to_dict())))

    @app.get("/1/cards/<name>")
    def card(name: str) -> Any:
        return jsonify(trello.json(trello.card(name)))

    @app.put("/1/cards/<name>")
    def change(name: str) -> Any:
        given = request.args.to_dict()
        wanted: dict[str, Any] = {ours: given[theirs] for theirs, ours in _NAMES.items() if theirs in given}
        wanted |= {_NAMES[name]: given[name] == "true" for name in _BOOLEANS & given.keys()}
        found = trello.card(name)
        trello.change(found, "bot", **wanted)
        return jsonify(trello.json(found))

    @app.post("/1/cards/<name>/actions/comments")
    def comment(name: str) -> Any:
        return jsonify(comment_json(trello.comment(trello.card(name), request.args.get("text", ""), "bot")))

    @app.get("/1/cards/<name>/actions")
    def actions(name: str) -> Any:
        return jsonify([comment_json(one) for one in reversed(trello.card(name)["comments"])])


def _add_parts(app: Flask, trello: Trello) -> None:
    """Checklists and attachments."""

    @app.get("/1/cards/<name>/checklists")
    def checklists(name: str) -> Any:
        return jsonify(trello.card(name)["checklists"])

    @app.post("/1/checklists")
    def new_checklist() -> Any:
        card = trello.card(request.args["idCard"])
        with trello.kept.changing() as data:
            made = {
                "id": trello.new_id(data),
                "idCard": card["id"],
                "name": request.args.get("name", ""),
                "checkItems": [],
            }
            card["checklists"].append(made)
        return jsonify(made)

    @app.post("/1/checklists/<number>/checkItems")
    def new_item(number: str) -> Any:
        with trello.kept.changing() as data:
            lists = [one for card in data["cards"].values() for one in card["checklists"] if one["id"] == number]
            if not lists:
                raise Refusal(404, "checklist not found")
            item = {"id": trello.new_id(data), "name": request.args["name"], "state": "incomplete"}
            lists[0]["checkItems"].append(item)
        return jsonify(item)

    @app.put("/1/cards/<name>/checkItem/<number>")
    def check(name: str, number: str) -> Any:
        with trello.kept.changing():
            for one in trello.card(name)["checklists"]:
                for item in one["checkItems"]:
                    if item["id"] == number:
                        item["state"] = request.args.get("state", item["state"])
                        return jsonify(item)
        raise Refusal(404, "check item not found")

    @app.get("/1/cards/<name>/attachments")
    def attachments(name: str) -> Any:
        return jsonify(trello.card(name)["attachments"])

    @app.post("/1/cards/<name>/attachments")
    def attach(name: str) -> Any:
        card = trello.card(name)
        with trello.kept.changing() as data:
            made = {"id": trello.new_id(data), "url": request.args["url"], "name": request.args.get("name", "")}
            card["attachments"].append(made)
        return jsonify([made])


def _add_webhooks(app: Flask, trello: Trello) -> None:
    @app.get("/1/tokens/<token>/webhooks")
    def webhooks(token: str) -> Any:
        if token != TOKEN:
            raise Refusal(401, "invalid token")
        with trello.kept.reading() as data:
            return jsonify(list(data["webhooks"].values()))

    @app.post("/1/webhooks")
    def add() -> Any:
        given = request.args
        if given.get("idModel") != BOARD:
            raise Refusal(400, "invalid value for idModel")
        trello.check_callback(given["callbackURL"])
        with trello.kept.changing() as data:
            number = trello.new_id(data)
            url, words = given["callbackURL"], given.get("description", "")
            made = {"id": number, "active": True, "idModel": BOARD, "callbackURL": url, "description": words}
            data["webhooks"][number] = made
        return jsonify(made)

    @app.put("/1/webhooks/<number>")
    def repair(number: str) -> Any:
        with trello.kept.changing() as data:
            if number not in data["webhooks"]:
                raise Refusal(404, "webhook not found")
            given = request.args.to_dict()
            data["webhooks"][number]["active"] = given.get("active", "true") == "true"
            return jsonify(data["webhooks"][number])


def _add_board(app: Flask, trello: Trello) -> None:
    shared = {"lists": LISTS, "labels": LABELS, "people": PEOPLE}

    @app.get("/")
    @app.get(f"/b/{SHORT}")
    def board() -> str:
        with trello.kept.reading() as data:
            cards = [one for one in data["cards"].values() if not one["closed"]]
            return render_template("trello_board.html", cards=cards, sent=data["sent"][::-1], time=time, **shared)

    @app.get("/c/<short>")
    def page(short: str) -> str:
        return render_template("trello_card.html", card=trello.card(short), **shared)

    @app.post("/board/<short>/<deed>")
    def act(short: str, deed: str) -> Any:
        card, given = trello.card(short), request.form
        _do(trello, card, deed, given)
        gone = deed in {"archive", "delete"}
        return redirect(f"/c/{short}" if given.get("stay") and not gone else "/", 303)

    @app.post("/board/new")
    def new() -> Any:
        trello.create({"idList": next(iter(LISTS)), "name": request.form["text"].strip()}, "m1")
        return redirect("/", 303)


def _do(trello: Trello, card: dict[str, Any], deed: str, given: Mapping[str, str]) -> None:
    """What a person pressed."""
    match deed:
        case "move":
            trello.change(card, "m1", list=given["to"])
        case "label":
            trello.change(card, "m1", labels=sorted({given["to"]} ^ set(card["labels"])))
        case "name":
            trello.change(card, "m1", name=given["text"].strip())
        case "due":
            trello.change(card, "m1", due=f"{given['day']}T12:00:00.000Z" if given["day"] else None)
        case "tick":
            trello.change(card, "m1", complete=not card["complete"])
        case "archive":
            trello.change(card, "m1", closed=True)
        case "comment":
            trello.comment(card, given["text"], "m1")
        case "delete":
            trello.delete(card, "m1")
