"""The studio's pages as a browser without scripts sees them."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database


@pytest.fixture
def lina(signed_in: Callable[[str], FlaskClient], library: Database) -> FlaskClient:
    return signed_in("lina")


def begin(client: FlaskClient, **more: Any) -> str:
    answer = post(client, "/studio/new", {"title": "Refund above 5 million", "department": "1", **more})
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/edit")


def revision(client: FlaskClient, base: str) -> str:
    found = re.search(r'data-revision="(\d+)"', client.get(f"{base}/edit").text)
    assert found
    return found[1]


def act(client: FlaskClient, base: str, act_: str, **answers: str) -> Any:
    return post(client, f"{base}/outline", {"act": act_, "revision": revision(client, base), **answers})


def test_library_shows_use(lina: FlaskClient, ticket_id: int) -> None:
    page = lina.get("/studio/").text
    assert "Standard request" in page
    assert "New procedure" in page


def test_agents_read_and_do_not_write(signed_in: Callable[[str], FlaskClient], library: Database) -> None:
    dewi = signed_in("dewi")
    assert "New procedure" not in dewi.get("/studio/").text
    assert dewi.get("/studio/1").status_code == 200
    assert dewi.get("/studio/new").status_code == 403
    assert post(dewi, "/studio/1/draft").status_code == 403


def test_version_shows_text_and_drawing(lina: FlaskClient) -> None:
    page = lina.get("/studio/1/versions/1").text
    assert 'id="L3"' in page
    assert "<svg" in page
    assert "The same in words" in page


def test_steps_are_written_without_scripts(lina: FlaskClient) -> None:
    base = begin(lina)
    assert act(lina, base, "add", kind="task", words="Check the invoice", place="first:").status_code == 303
    assert (
        act(lina, base, "change", step="check_the_invoice", due="2", **{"due.unit": "business PTH"}).status_code == 303
    )
    page = lina.get(f"{base}/edit").text
    assert "Check the invoice" in page
    assert "due 2\u00a0working\u00a0hours" in page
    assert "task:" not in page.split("<main", 1)[1]


def test_second_author_is_told(lina: FlaskClient, signed_in: Callable[[str], FlaskClient]) -> None:
    base = begin(lina)
    old = revision(lina, base)
    act(lina, base, "add", kind="task", words="Hers", place="first:")
    mira = signed_in("mira")
    late = {"act": "add", "kind": "task", "words": "His", "place": "first:", "revision": old}
    answer = post(mira, f"{base}/outline", late, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 409
    assert "Lina Hartati" in answer.json["message"]
    assert "His" not in mira.get(f"{base}/edit").text


def test_wrong_answers_change_nothing(lina: FlaskClient) -> None:
    base = begin(lina)
    answer = post(
        lina,
        f"{base}/outline",
        {"act": "add", "kind": "nonsense", "revision": revision(lina, base)},
        headers={"X-Requested-With": "fetch"},
    )
    assert answer.status_code == 422
    assert "kind of step" in answer.json["message"]


def test_publishing_asks_for_a_reason(lina: FlaskClient) -> None:
    base = begin(lina)
    assert "few test cases" in lina.get(f"{base}/publish").text
    refused = post(lina, f"{base}/publish", {"revision": revision(lina, base), "reason": ""})
    assert refused.status_code == 409
    assert "0 %" in refused.text
    done = post(lina, f"{base}/publish", {"revision": revision(lina, base), "reason": "Tried by hand"})
    assert done.status_code == 303
    assert "published" in lina.get(base).text


def test_next_version_is_compared(lina: FlaskClient) -> None:
    base = begin(lina)
    post(lina, f"{base}/publish", {"revision": revision(lina, base), "reason": "Tried by hand"})
    post(lina, f"{base}/draft")
    act(lina, base, "add", kind="task", words="Call back", place="after:finish")
    page = lina.get(f"{base}/compare?from=1&to=draft").text
    assert "new step “Call back” after “Finish”" in page
    assert "mark-new" in page


def test_errors_stand_in_the_way(lina: FlaskClient) -> None:
    base = begin(lina)
    broken = {"text": "sop: refund-above-5-million\ndo: [{a: {tsk: x}}]\n", "revision": revision(lina, base)}
    assert post(lina, f"{base}/text", broken).status_code == 303
    page = lina.get(f"{base}/edit?face=text").text
    assert "Did you mean &#39;task&#39;" in page
    assert "1 error is to be put right" in page
    assert f"{base}/publish" not in page


def test_unreadable_text_keeps_the_editor(lina: FlaskClient) -> None:
    base = begin(lina)
    post(lina, f"{base}/text", {"text": "sop: [", "revision": revision(lina, base)})
    assert "cannot be shown as an outline" in lina.get(f"{base}/edit").text
    assert lina.get(f"{base}/edit?face=text").status_code == 200
    assert lina.get(base).status_code == 200


def test_checking_and_words_answer(lina: FlaskClient) -> None:
    token = re.search(r'name="csrf-token" content="([^"]+)"', lina.get("/studio/").text)
    assert token
    headers = {"X-CSRFToken": token[1]}
    found = lina.post("/studio/check", data="sop: x\ndo: [{a: {remidn: x, task: y}}]\n", headers=headers).json
    assert [(one["line"], one["suggests"]) for one in found] == [(2, "remind")]
    text = "sop: x\ndo:\n  - a: {task: A}\n  - b:\n      then: "
    words = [one["label"] for one in lina.post(f"/studio/words?at={len(text)}", data=text, headers=headers).json]
    assert words[0] == "a"
    assert "end" in words
    text = "sop: x\ndo:\n  - b:\n      notify: {to: customer, template: "
    words = [one["label"] for one in lina.post(f"/studio/words?at={len(text)}", data=text, headers=headers).json]
    assert "received" in words


def test_copies_and_files_begin_a_procedure(lina: FlaskClient) -> None:
    base = begin(lina, **{"from": "library:standard", "name": "ours"})
    assert "sop: ours" in lina.get(f"{base}/download").text
    answer = post(lina, "/studio/new", {"title": "X", "department": "1", "from": "file"})
    assert answer.status_code == 422
    assert "Choose a YAML file" in answer.text


def test_reviews_go_back_and_forth(lina: FlaskClient) -> None:
    base = begin(lina)
    post(lina, f"{base}/review", {"revision": revision(lina, base)})
    assert "in review" in lina.get(f"{base}/edit").text
    post(lina, f"{base}/send-back", {"revision": revision(lina, base)})
    assert "in review" not in lina.get(f"{base}/edit").text
    assert post(lina, f"{base}/discard").status_code == 303
    assert lina.get(base).status_code == 404


def test_dry_run_becomes_a_case(lina: FlaskClient) -> None:
    base = begin(lina)
    page = lina.get(f"{base}/try").text
    script = re.search(r'name="script" value="([^"]+)"', page)
    assert script
    given = {
        "script": html.unescape(script[1]),
        "do": "act",
        "verb": "complete",
        "step": "finish",
        "field.resolution": "Done",
    }
    page = post(lina, f"{base}/try", given).text
    assert "The procedure has ended" in page
    script = re.search(r'name="script" value="([^"]+)"', page)
    assert script
    kept = post(lina, f"{base}/try", {"script": html.unescape(script[1]), "do": "case", "name": "it is resolved"})
    assert kept.status_code == 303
    page = lina.get(f"{base}/try").text
    assert "all 1 pass, 100 % covered" in page
    assert "it is resolved" in lina.get(f"{base}/edit").text


def test_typed_cases_outlive_a_colleague_s(lina: FlaskClient) -> None:
    base = begin(lina)
    seen = revision(lina, base)
    assert post(lina, f"{base}/cases", {"revision": seen, "cases": "# theirs"}).status_code == 303
    answer = post(lina, f"{base}/cases", {"revision": seen, "cases": "# mine"})
    assert answer.status_code == 422
    assert "saved this draft in the meantime" in answer.text
    assert "># mine</textarea>" in answer.text
    assert "# theirs</pre>" in answer.text
    newest = re.search(r'name="revision" value="(\d+)"', answer.text)
    assert newest
    assert post(lina, f"{base}/cases", {"revision": newest[1], "cases": "# theirs and mine"}).status_code == 303


def test_what_nobody_waits_for_is_told(lina: FlaskClient) -> None:
    base = begin(lina)
    answer = post(lina, f"{base}/try", {"script": "{", "do": "act", "verb": "complete", "step": "nothing"})
    assert answer.status_code == 422
    assert "is not open" in answer.text
    assert post(lina, f"{base}/try", {"do": "begin", "ticket": "99"}).status_code == 404


def test_running_tickets_move(lina: FlaskClient, ticket_id: int) -> None:
    post(lina, "/studio/1/draft")
    act(lina, "/studio/1", "add", kind="task", words="Look again", place="after:tell")
    draft = {"revision": revision(lina, "/studio/1"), "reason": "Only one more step"}
    assert post(lina, "/studio/1/publish", draft).status_code == 303
    assert "move?from=1" in lina.get("/studio/1").text
    page = lina.get("/studio/1/move?from=1").text
    assert "Safe" in page
    post(lina, "/studio/1/move", {"from": "1", "ticket": str(ticket_id)})
    page = lina.get("/studio/1/move?from=1").text
    assert "1 ticket was moved." in page
    assert "No ticket runs on this version any more" in page
    assert lina.get(f"/tickets/{ticket_id}").status_code == 200


def test_manager_asks_for_a_second_person(lina: FlaskClient, signed_in: Callable[[str], FlaskClient]) -> None:
    assert post(lina, "/studio/second-person", {"needed": "on"}).status_code == 403
    mira = signed_in("mira")
    assert post(mira, "/studio/second-person", {"needed": "on"}).status_code == 303
    base = begin(lina)
    assert "A second person must publish" in lina.get(f"{base}/edit").text
    draft = {"revision": revision(lina, base), "reason": "x"}
    assert post(lina, f"{base}/publish", draft).status_code == 403
    assert post(mira, f"{base}/publish", draft).status_code == 303
