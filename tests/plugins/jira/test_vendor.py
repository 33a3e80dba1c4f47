"""Every request that the plugin makes is valid by Atlassian's own description, and every answer of its examples can be read."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

import estafet
from plugins.jira import check_connection, commenting, creating, linking, look_at, moving, ticket_panel
from plugins.jira.site import Site
from tests.plugins.prism import prism

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def vendor(tmp_path_factory):
    with prism("jira.json", tmp_path_factory.mktemp("prism")) as url:
        yield url


@pytest.fixture
def ask(vendor, make_call):
    def ask(action, **arguments):
        call = make_call(action, **arguments)
        return replace(call, settings={**call.settings, "site": vendor, "project": "ED"})

    return ask


def test_vendor_takes_new_issues(ask):
    call = ask("create", type="Bug", description="It is\n\ndead", due="2026-12-24", labels=["a b"])
    made = creating.create(call)
    assert made.ref
    assert made.url.endswith(f"/browse/{made.ref}")
    assert creating.find(call).ref


def test_vendor_takes_newest_issues_one_by_one(ask):
    """The look-up without the search: reading an issue with its properties."""
    assert Site(ask("create").settings).issue("ED-1")["key"]


def test_vendor_knows_fields(ask):
    assert creating.create(ask("create", fields={"Description": "In a field of its own"})).ref
    with pytest.raises(estafet.PermanentFailure, match="has no field “Colour”"):
        creating.create(ask("create", fields="Colour = red"))


def test_vendor_takes_links_and_comments(ask):
    assert linking.link(ask("link", issue="ED-1")).ref
    made = commenting.comment(ask("comment", issue="ED-1", text="Hello"))
    assert made.values["comment"]
    assert commenting.find(ask("comment", issue="ED-1", text="Hello")) is None


def test_vendor_takes_transitions(ask):
    site = Site(ask("transition").settings)
    ways = site.ask("GET", "/issue/ED-1/transitions")["transitions"]
    moved = moving.transition(ask("transition", issue="ED-1", to=ways[0]["name"]))
    assert moved.ref


def test_vendor_answers_looks_panels_and_tests(ask, ticket):
    settings = ask("link").settings
    assert len(look_at(["ED-1", "ED-2"], settings)) == 2
    linked = replace(ticket, links=(estafet.Link("ED-1", None, "", "", None, True),))
    assert ticket_panel(linked, settings).facts
    assert "Jira answers" in check_connection(settings)


def test_vendor_refuses_what_is_wrong(vendor, ask):
    """The description does check: without this the tests above would prove nothing."""
    settings = ask("link").settings
    assert requests.get(f"{vendor}/rest/api/3/myself", timeout=30).status_code == 401
    for wrong in (
        {"fields": {"summary": 5}},
        {
            "fields": {
                "project": {"key": "ED"},
                "summary": "x",
                "issuetype": {"name": "Bug"},
                "description": "no document",
            }
        },
    ):
        with pytest.raises(estafet.PermanentFailure):
            Site(settings).ask("POST", "/issue", body=wrong)
    with pytest.raises(estafet.PermanentFailure, match="does not know it"):
        Site(settings).ask("GET", "/nothing")
