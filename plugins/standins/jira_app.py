"""The doors of the stand-in of Jira: its REST interface, and the board for people."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request

from plugins.standins.jira import (
    CUSTOM,
    PEOPLE,
    PROJECTS,
    STATUSES,
    TOKEN,
    TRANSITIONS,
    TYPES,
    Jira,
    Refusal,
    basic,
    comment_json,
    person,
    text_in,
    ways,
)
from plugins.standins.serving import add_fault_door

API = "/rest/api/<int:version>"


def create_app(jira: Jira) -> Flask:
    """The application of one stand-in."""
    app = Flask("standin_jira", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    add_fault_door(app)
    _add_login(app, jira)
    _add_reads(app, jira)
    _add_writes(app, jira)
    _add_webhooks(app, jira)
    _add_board(app, jira)
    return app


def _add_login(app: Flask, jira: Jira) -> None:
    @app.url_value_preprocessor
    def keep_version(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.version = (values or {}).pop("version", 0)

    @app.before_request
    def log_in() -> Any:
        jira.base = request.host_url.rstrip("/")
        if not request.path.startswith("/rest/"):
            return None
        if request.headers.get("Authorization") in {basic(), f"Bearer {TOKEN}"}:
            return None
        return Response("Client must be authenticated to access this resource.", 401, content_type="text/plain")

    @app.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> Any:
        return jsonify(refusal.body), refusal.status


def _add_reads(app: Flask, jira: Jira) -> None:
    @app.get(f"{API}/myself")
    def myself() -> Any:
        return jsonify(person("bot"))

    @app.get(f"{API}/field")
    def field() -> Any:
        system = [{"id": name, "name": name.title(), "custom": False, "schema": {"type": "string"}} for name in ("summary", "labels")]  # fmt: skip
        custom = [{"id": number, "name": name, "custom": True, "schema": _schema(schema)} for number, (name, schema) in CUSTOM.items()]  # fmt: skip
        return jsonify(system + custom)

    @app.get(f"{API}/project/<key>")
    def project(key: str) -> Any:
        if key not in PROJECTS:
            raise Refusal(404, f"No project could be found with key '{key}'.")
        return jsonify(id="10000", key=key, name=PROJECTS[key], issueTypes=[{"name": name} for name in TYPES])

    @app.get(f"{API}/issue/<name>")
    def issue(name: str) -> Any:
        properties = tuple(request.args.get("properties", "").split(","))
        return jsonify(jira.json(jira.issue(name), g.version, properties))

    @app.post(f"{API}/issue/bulkfetch")
    def bulk() -> Any:
        found = []
        asked = request.get_json()
        for name in asked["issueIdsOrKeys"][:100]:
            try:
                found.append(jira.json(jira.issue(str(name)), g.version, tuple(asked.get("properties", ()))))
            except Refusal:
                continue
        return jsonify(expand="schema,names", issueErrors=[], issues=found)

    @app.post(f"{API}/search/jql")
    @app.post(f"{API}/search")
    def search() -> Any:
        asked = request.get_json()
        found = jira.search(asked["jql"])[: asked.get("maxResults", 50)]
        return jsonify(
            issues=[jira.json(one, g.version, tuple(asked.get("properties", ()))) for one in found], isLast=True
        )

    @app.get(f"{API}/issue/<name>/comment")
    def comments(name: str) -> Any:
        said = list(reversed(jira.issue(name)["comments"]))[: request.args.get("maxResults", 50, int)]
        return jsonify(
            comments=[comment_json(one, g.version) for one in said], total=len(said), startAt=0, maxResults=50
        )

    @app.get(f"{API}/issue/<name>/transitions")
    def transitions(name: str) -> Any:
        open_ways = ways(jira.issue(name))
        return jsonify(transitions=[{"id": one, "name": TRANSITIONS[one][0], "to": {"name": TRANSITIONS[one][1]}} for one in open_ways])  # fmt: skip


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "options"}


def _add_writes(app: Flask, jira: Jira) -> None:
    @app.post(f"{API}/issue")
    def create() -> Any:
        made = jira.create(request.get_json(), g.version)
        page = f"{jira.base}/rest/api/{g.version}/issue/{made['id']}"
        return jsonify({"id": made["id"], "key": made["key"], "self": page}), 201

    @app.post(f"{API}/issue/<name>/transitions")
    def transition(name: str) -> Any:
        jira.move(jira.issue(name), request.get_json()["transition"]["id"], "bot")
        return "", 204

    @app.post(f"{API}/issue/<name>/comment")
    def comment(name: str) -> Any:
        made = jira.comment(jira.issue(name), request.get_json().get("body"), "bot", g.version)
        return jsonify(comment_json(made, g.version)), 201

    @app.post(f"{API}/issue/<name>/remotelink")
    def remote_link(name: str) -> Any:
        found, given = jira.issue(name), request.get_json()
        if not (given.get("object") or {}).get("title"):
            raise Refusal(400, title="'title' is required.")
        with jira.kept.changing():
            known = given.get("globalId") in found["links"]
            found["links"][given.get("globalId")] = given["object"]
        links = f"{jira.base}/rest/api/issue/{found['key']}/remotelink"
        return jsonify({"id": 10000 + len(found["links"]), "self": links}), 200 if known else 201


def _add_webhooks(app: Flask, jira: Jira) -> None:
    @app.get("/rest/webhooks/1.0/webhook")
    def webhooks() -> Any:
        with jira.kept.reading() as data:
            return jsonify([_hook(jira, number, one) for number, one in data["webhooks"].items()])

    @app.post("/rest/webhooks/1.0/webhook")
    def add() -> Any:
        given = request.get_json()
        if not str(given.get("url", "")).startswith("http"):
            raise Refusal(400, "The URL must be absolute.")
        with jira.kept.changing() as data:
            number = str(len(data["webhooks"]) + 1)
            data["webhooks"][number] = {"enabled": True, **given}
            return jsonify(_hook(jira, number, data["webhooks"][number])), 201

    @app.put("/rest/webhooks/1.0/webhook/<number>")
    def change(number: str) -> Any:
        with jira.kept.changing() as data:
            if number not in data["webhooks"]:
                raise Refusal(404, "Webhook not found")
            data["webhooks"][number].update(request.get_json())
            return jsonify(_hook(jira, number, data["webhooks"][number]))


def _hook(jira: Jira, number: str, hook: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in hook.items() if name != "secret"}
    return {**shown, "self": f"{jira.base}/rest/webhooks/1.0/webhook/{number}"}


def _add_board(app: Flask, jira: Jira) -> None:
    shared = {"statuses": list(STATUSES), "transitions": TRANSITIONS, "people": PEOPLE, "types": TYPES, "text": text_in}  # fmt: skip

    @app.get("/")
    def board() -> str:
        with jira.kept.reading() as data:
            issues = sorted(data["issues"].values(), key=lambda one: -one["updated"])
            return render_template("jira_board.html", issues=issues, sent=data["sent"][::-1], time=time, **shared)

    @app.get("/browse/<key>")
    def browse(key: str) -> str:
        return render_template("jira_issue.html", issue=jira.issue(key), ways=ways, **shared)

    @app.post("/board/<key>/<deed>")
    def act(key: str, deed: str) -> Any:
        issue, given = jira.issue(key), request.form
        match deed:
            case "move":
                number = next(one for one, (_name, to) in TRANSITIONS.items() if to == given["to"])
                jira.move(issue, number, "a1")
            case "comment":
                jira.comment(issue, given["text"].strip(), "a1")
            case "assign":
                jira.change(issue, "a1", assignee=given["to"])
            case "rename":
                jira.change(issue, "a1", summary=given["text"].strip()[:255])
            case "delete":
                jira.delete(issue, "a1")
                return redirect("/", 303)
        return redirect(f"/browse/{key}" if given.get("stay") else "/", 303)

    @app.post("/board/new")
    def new() -> Any:
        fields = {"project": {"key": "KAN"}, "issuetype": {"name": "Task"}, "summary": request.form["text"].strip()}
        jira.create({"fields": fields}, 2, "a1")
        return redirect("/", 303)
