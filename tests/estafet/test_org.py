"""A firm of 3 departments, 8 teams and 40 agents from one file: shown first, once and for all, and written back the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from core.directory import directory
from core.texts import speaking
from estafet.command import cli

if TYPE_CHECKING:
    from pathlib import Path

    from core.database import Database
    from core.settings import Settings

DEPARTMENTS = {
    "care": ("Care", ["first-line", "second-line", "field"]),
    "billing": ("Billing", ["invoices", "refunds"]),
    "field": ("Field work", ["north", "south", "spare-parts"]),
}


def firm() -> dict[str, Any]:
    teams = {t: d for d, (_title, names) in DEPARTMENTS.items() for t in names}
    people: dict[str, Any] = {
        "mira": {"email": "mira@example.com", "name": "Mira Santoso", "role": "manager", "language": "en"}
    }
    for n in range(40):
        team = list(teams)[n % 8]
        people[f"agent{n:02}"] = {
            "email": f"agent{n:02}@example.com",
            "name": f"Agent Number {n}",
            "role": "lead" if n < 3 else "light" if n == 39 else "agent",
            "department": teams[team],
            "teams": [team],
            "skills": {"network": n % 5 + 1} if n % 2 else {},
            "max_open": 10 + n,
            "limits": {"urgent": 2},
        }
    return {
        "calendars": {
            "shop": {"hours": {"tz": "Asia/Jakarta", "hours": {"mon": [["08:00", "17:00"]]}, "country": "ID"}}
        },
        "skills": {"network": {"title": "Network"}},
        "classes": {"gold": {"title": "Gold"}},
        "departments": {
            d: {
                "title": title,
                "address": f"{d}@example.com",
                "mailboxes": [f"{d}-help@example.com"],
                "calendar": "shop",
                "manager": "mira",
                "default_team": names[0],
                "signature": f"{title}\nExample",
                "language": "en",
            }
            for d, (title, names) in DEPARTMENTS.items()
        },
        "teams": {
            t: {"title": t.title(), "department": d, "lead": "agent00", "tier": 1, "by": "least_busy"}
            for t, d in teams.items()
        },
        "people": people,
        "policies": {"Quick": {"department": "care", "policy": {"metrics": {"first_response": {"goal": "PT1H"}}}}},
        "words": {
            "Stuck": {
                "team": "first-line",
                "words": ["sistem macet", "listrik padam"],
                "channels": ["email"],
                "priority": "high",
                "call": {"how": "helper", "person": "agent01"},
            },
            "Network": {"department": "care", "words": ["router"], "call": {"skill": "network", "level": 4}},
        },
        "organisations": {"Kopi Lereng": {"class": "gold", "domains": ["kopi.example"]}},
    }


class Org:
    """The command, on the database of the test."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.file, self.environment = folder / "firm.yaml", environment

    def write(self, data: dict[str, Any]) -> None:
        with self.file.open("w") as out:
            YAML().dump(data, out)

    def call(self, *words: str, code: int = 0, answer: str = "") -> str:
        result = CliRunner().invoke(cli, ["org", *words], env=self.environment, input=answer)
        assert result.exit_code == code, result.output + repr(result.exception)
        return result.output

    def apply(self, *words: str, code: int = 0, answer: str = "") -> str:
        return self.call("apply", str(self.file), *words, code=code, answer=answer)


@pytest.fixture
def org(any_database: Database, any_settings: Settings, tmp_path: Path) -> Org:
    url = any_settings.database_url
    return Org(tmp_path, {"ESTAFET_HOME": str(any_settings.home), "ESTAFET_DATABASE_URL": url, "ESTAFET_DEMO": "0"})


def test_whole_firm_from_one_file(org: Org, any_database: Database, any_settings: Settings) -> None:
    org.write(firm())
    said = org.apply("--dry-run")
    assert "agent39" in said
    assert "Nothing was changed" in said
    with any_database.read() as tx:
        assert not directory(tx).departments
    assert "Nothing was changed" in org.apply(answer="n\n")
    assert "changes were made" in org.apply(answer="y\n")
    with any_database.read() as tx:
        known = directory(tx)
    assert (len(known.departments), len(known.teams), len(known.people)) == (3, 8, 41)
    agent = known.people[known.nicks["agent07"]]
    assert (agent.levels, agent.way.max_open, agent.way.by_priority) == ({"network": 3}, 17, {1: 2})
    assert known.departments[known.department_names["care"]].addresses == ("care@example.com", "care-help@example.com")
    assert known.team("north").lead_id == known.nicks["agent00"]  # type: ignore[union-attr]
    assert "Nothing to do" in org.apply("--yes")
    exported = org.call("export")
    org.file.write_text(exported)
    assert "Nothing to do" in org.apply("--yes")
    written = YAML(typ="safe").load(exported)
    assert written["people"]["agent07"] == firm()["people"]["agent07"]
    assert written["words"]["Stuck"] == firm()["words"]["Stuck"]


def test_only_what_is_named_changes(org: Org, any_database: Database) -> None:
    org.write(firm())
    org.apply("--yes")
    org.write({"people": {"agent01": {"skills": {"network": 5}}}, "teams": {"north": {"title": "The north"}}})
    said = json.loads(org.apply("--yes", "--json"))
    assert [one[0] for one in said["changes"]] == ["~", "~"]
    assert "network 2 → network 5" in said["changes"][1]
    data = firm()
    for nick in ("agent05", "agent06"):
        del data["people"][nick]
    del data["classes"]["gold"]
    data["organisations"]["Kopi Lereng"]["class"] = "standard"
    org.write(data)
    assert "agent05" not in org.apply("--dry-run")  # what is not named is left
    assert "“agent05” leaves" in org.apply("--yes", "--close-missing")
    with any_database.read() as tx:
        known = directory(tx)
        assert [p.nick for p in known.people.values() if not p.active] == ["agent05", "agent06"]
        assert not known.classes["gold"].active


WRONG = """departments:
  care: {title: Care, address: not an address}
  billing: {titel: Billing}
teams:
  north: {title: North, department: nowhere}
people:
  ana:
    email: ana@example.com
    name: Ana
    role: chief
    max_open: many
"""


@pytest.mark.parametrize(("language", "words"), [("en", "is not known here"), ("id", "titel")])
def test_mistakes_of_form_are_said_at_once(org: Org, language: str, words: str) -> None:
    org.file.write_text(WRONG)
    with speaking(language):
        said = org.apply("--yes", code=1)
    assert f"{org.file}:3:13: " in said
    assert f"{org.file}:11:15: " in said
    assert words in said


def test_wrong_values_are_said_at_their_places(org: Org, any_database: Database) -> None:
    org.file.write_text(WRONG.replace("titel", "title").replace("many", "5"))
    errors = json.loads(org.apply("--yes", "--json", code=1))["errors"]
    assert [(one["line"], one["column"]) for one in errors] == [(2, 32), (5, 37), (10, 11)]
    with any_database.read() as tx:
        assert not directory(tx).departments  # everything or nothing
    org.file.write_text("people:\n  ana: {email: ana@example.com}\n")
    errors = json.loads(org.apply("--yes", "--json", code=1))["errors"]
    assert [(one["line"], one["column"]) for one in errors] == [(2, 3), (2, 3)]


def test_wrong_word_rules_are_said_at_their_places(org: Org) -> None:
    org.write(firm())
    org.apply("--yes")
    wrong = "words:\n  A:\n    words: [x]\n    priority: often\n  B:\n    words: [y]\n    call: {person: nobody}\n"
    org.file.write_text(f"{wrong}  Stuck:\n    team: field\n  C:\n    words: [z]\n")
    errors = json.loads(org.apply("--yes", "--json", code=1))["errors"]
    assert [(one["line"], one["column"]) for one in errors] == [(4, 15), (7, 11), (8, 3), (11, 12)]


@pytest.mark.parametrize(
    "text", ["", "- x\n", "people: [", "a: &b 1\nc: *b\n", "people:\n  x: 1\n", "people: {x: {}, x: {}}"]
)
def test_odd_files_do_no_harm(org: Org, text: str) -> None:
    org.file.write_text(text)
    assert f"{org.file}:" in org.apply("--yes", code=1)


def test_last_manager_cannot_be_sent_away(org: Org) -> None:
    org.write(firm())
    org.apply("--yes")
    org.write({"people": {"mira": {"active": False}}})
    assert "last manager" in org.apply("--yes", code=1)
