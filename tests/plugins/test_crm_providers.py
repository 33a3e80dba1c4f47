"""The customer systems behind `crm.lookup`: two JSON interfaces of different shapes, HubSpot, and the built-in tables with their import."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests

import estafet
from core.plugins.labels import said
from plugins.crm import check_connection, customer_panel, lookup, provider
from plugins.crm.tables import import_csv
from tests.plugins.prism import prism

SHOP = {  # a shop: everything in one object, rows with short names
    "data": [
        {
            "display": "Sari Wulandari",
            "level": "gold",
            "manager": {"name": "Rina"},
            "bills": [
                {"no": "F-1", "total": 250000, "status": "paid"},
                {"no": "F-2", "total": 90000, "status": "overdue"},
            ],
        }
    ]
}
ERP = {"customer": {"full_name": "Sari W", "segment": "A", "items": [{"title": "XT372", "sn": "77"}]}}
HUBSPOT = {
    "/crm/v3/objects/contacts/search": {
        "total": 1,
        "results": [
            {"id": "51", "properties": {"firstname": "Sari", "lastname": "W", "tier": "gold", "owner": "Rina"}}
        ],
    },
    "/crm/v4/objects/contacts/51/associations/deals": {"results": [{"toObjectId": 9, "associationTypes": []}]},
    "/crm/v3/objects/deals/batch/read": {
        "status": "COMPLETE",
        "results": [
            {
                "id": "9",
                "properties": {
                    "dealname": "Fleet",
                    "amount": "1500000",
                    "deal_currency_code": "IDR",
                    "dealstage": "won",
                },
            }
        ],
    },
}


class Desk:
    """A server that answers what it was given, and keeps what it was asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers, self.asked = answers, list[tuple[str, str, Any]]()
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                desk.asked.append((self.path, self.headers.get("Authorization") or "", body))
                found = desk.answers.get(unquote(self.path)) or desk.answers.get(urlsplit(self.path).path)
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(found or {"message": "no such customer"}).encode())

            do_POST = do_GET  # noqa: N815 -- http.server's own name

            def log_message(self, *_words: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def serve() -> Iterator[Any]:
    """`serve(answers)`: a server with these answers by path."""
    desks: list[Desk] = []

    def start(answers: dict[str, Any]) -> Desk:
        desks.append(Desk(answers))
        return desks[-1]

    yield start
    for desk in desks:
        desk.server.shutdown()
        desk.server.server_close()


def test_shop_is_read_by_its_mapping(serve: Any) -> None:
    shop = serve({"/customers?mail=sari@example.com": SHOP})
    mapping = "account = data.0; name = display; tier = level; owner = manager.name; invoices = bills: number=no, amount=total, state=status"
    settings = {"provider": "rest", "address": shop.url + "/customers?mail={email}", "token": "t1", "mapping": mapping}
    account = provider(settings).find("sari@example.com")
    assert account is not None
    assert (account.name, account.tier, account.owner) == ("Sari Wulandari", "gold", "Rina")
    assert account.values()["invoices"][1] | {"number": "F-2", "state": "overdue"} == account.values()["invoices"][1]
    assert [fact.tone for fact in account.facts() if said(fact.group) == "Invoices"] == ["good", "bad"]
    assert shop.asked[0][1] == "Bearer t1"
    assert provider(settings).find("nobody@example.com") is None


def test_other_shape_needs_another_mapping(serve: Any) -> None:
    erp = serve({"/v2/by-mail/sari@example.com": ERP})
    settings = {
        "provider": "rest",
        "address": erp.url + "/v2/by-mail/{email}",
        "token": "k",
        "token_header": "X-Key",
        "mapping": "account = customer; name = full_name; tier = segment; products = items: name=title, number=sn",
        "classes": "A = vip",
    }
    call = _call(settings)
    assert lookup(call).values == {
        "found": True,
        "name": "Sari W",
        "tier": "A",
        "products": [{"name": "XT372", "number": "77", "bought_on": "", "url": ""}],
        "customer_class": "vip",
    }


def _call(settings: dict[str, Any]) -> Any:
    return SimpleNamespace(arguments={"email": " Sari@Example.com "}, settings=settings)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [("tier level", "is no pair"), ("invoices = bills: nummer=no", "has no “nummer”"), ("= x", "is no pair")],
)
def test_wrong_mapping_is_explained(mapping: str, words: str) -> None:
    settings = {"provider": "rest", "address": "http://127.0.0.1:9/{email}", "mapping": mapping}
    with pytest.raises(estafet.PermanentFailure, match=words):
        provider(settings)
    with pytest.raises(estafet.PermanentFailure, match="must contain"):
        provider({**settings, "address": "http://127.0.0.1:9/"})


def test_contact_comes_with_its_deals(serve: Any) -> None:
    hub = serve(HUBSPOT)
    settings = {"provider": "hubspot", "site": hub.url, "token": "pat", "properties": "tier = tier; owner = owner"}
    account = provider(settings).find("sari@example.com")
    assert account is not None
    assert (account.name, account.tier, account.owner) == ("Sari W", "gold", "Rina")
    facts = {said(fact.label): fact for fact in account.facts()}
    assert facts["Deal value"].value == "1,500,000 IDR"
    assert facts["Fleet"].tone == "good"
    assert all(login == "Bearer pat" for _path, login, _body in hub.asked)
    hub.answers["/crm/v3/objects/contacts/search"] = {"total": 0, "results": []}
    assert provider(settings).find("other@example.com") is None


VENDOR = {"/crm/v3/objects/contacts": "contacts-v3", "/crm/v4": "associations-v4", "/crm/v3/objects/deals": "deals-v3"}


class Gate(Desk):
    """Hands each request to the description that knows it, as HubSpot has one address and three descriptions."""

    def __init__(self, places: dict[str, str]) -> None:
        super().__init__({})
        self.places, self.statuses = places, list[int]()
        gate = self

        class Handler(self.server.RequestHandlerClass):  # type: ignore[name-defined,misc]
            def do_GET(self) -> None:  # noqa: N802 -- http.server's own name
                site = next(url for start, url in gate.places.items() if self.path.startswith(start))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kept = {
                    name: self.headers[name]
                    for name in ("Authorization", "Content-Type", "Accept")
                    if self.headers[name]
                }
                answer = requests.request(self.command, site + self.path, data=body, headers=kept, timeout=60)
                gate.statuses.append(answer.status_code)
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
                self.end_headers()
                self.wfile.write(answer.content)

            do_POST = do_GET  # noqa: N815 -- http.server's own name

        self.server.RequestHandlerClass = Handler


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_vendor_takes_all_that_hubspot_is_asked(tmp_path_factory: pytest.TempPathFactory) -> None:
    with ExitStack() as servers:
        places = {
            start: servers.enter_context(prism(f"hubspot-{name}.json", tmp_path_factory.mktemp(name)))
            for start, name in VENDOR.items()
        }
        gate = Gate(places)
        try:
            hub = provider({"provider": "hubspot", "site": gate.url, "token": "pat", "properties": "tier = tier"})
            assert "answers" in hub.check()
            assert hub.find("a@example.com") is not None
        finally:
            gate.server.shutdown()
            gate.server.server_close()
    assert gate.statuses == [200] * len(gate.statuses)
    assert len(gate.statuses) == 4  # the check, the search, the associations, the deals


CUSTOMERS = "email,name,tier,owner\nSari@example.com,Sari,gold,Rina\nbudi@example.com,Budi,silver,Joko\n"
INVOICES = "email,number,amount,currency,state\nsari@example.com,F-1,250000,IDR,paid\nnobody,F-2,1,IDR,paid\nsari@example.com,,5,IDR,open\n"


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, str]:
    return {"provider": "tables", "tables": str(tmp_path / "crm.db")}


def test_import_fills_the_tables(tables: dict[str, str], tmp_path: Path) -> None:
    for name, text in (("customers", CUSTOMERS), ("invoices", INVOICES)):
        (tmp_path / f"{name}.csv").write_text(text)
    assert import_csv(["customers", str(tmp_path / "customers.csv")], tables) == "2 rows of customers are kept"
    said = import_csv(["invoices", str(tmp_path / "invoices.csv")], tables)
    assert said.splitlines() == [
        "1 rows of invoices are kept; 2 refused:",
        "line 3: “nobody” is no e-mail address",
        "line 4: number is empty",
    ]
    import_csv(["customers", str(tmp_path / "customers.csv")], tables)  # again: nothing is doubled
    assert check_connection(tables).startswith("2 customers, 0 deals")
    account = provider(tables).find("sari@example.com")
    assert account is not None
    assert account.tier == "gold"
    assert account.lists["invoices"][0]["state"] == "paid"
    assert provider(tables).find("nobody@example.com") is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["customers"], "Write: import KIND FILE.csv"),
        (["cats", "x.csv"], "KIND is one of customers"),
        (["customers", "/nowhere.csv"], "There is no file"),
        (["customers", "wrong"], "has no column “email”"),
        (["customers", "latin"], "is not UTF-8"),
    ],
)
def test_wrong_import_is_explained(tables: dict[str, str], tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "wrong").write_text("mail,name\na,b\n")
    (tmp_path / "latin").write_bytes("email,name\nx@y.z,Renée\n".encode("latin-1"))
    with pytest.raises(estafet.PermanentFailure, match=said):
        import_csv([str(tmp_path / word) if word in {"wrong", "latin"} else word for word in words], tables)


def test_panel_says_what_is_known(tables: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CUSTOMERS)
    import_csv(["customers", str(tmp_path / "c.csv")], tables)
    sari = estafet.Customer(1, "Sari", "sari@example.com", "standard", "id")
    shown = customer_panel(sari, tables)
    assert shown is not None
    assert [(said(fact.label), fact.value) for fact in shown.facts] == [
        ("Name", "Sari"),
        ("Tier", "gold"),
        ("Account owner", "Rina"),
    ]
    stranger = estafet.Customer(2, "X", "x@example.com", "standard", "id")
    assert said(customer_panel(stranger, tables).note) == "Nobody is known under this address."
