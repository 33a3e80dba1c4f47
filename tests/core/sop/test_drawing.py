"""The drawing of a procedure: every box in its own place, no line through a box, and no document that cannot be drawn."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from core.procedure.values import State, Visit
from core.sop.drawing import by_step, draw, sentences
from core.sop.drawing_layout import lay_out
from core.sop.drawing_marks import marks_of
from core.sop.reading import draft, load

if TYPE_CHECKING:
    from core.sop.document import Sop
    from core.sop.drawing_boxes import Box

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.yaml"))
WIDTHS = (326, 560, 1200)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.stem)
def sop(request: pytest.FixtureRequest) -> Sop:
    return load(request.param.read_text("utf-8"))


def inside(box: Box, x: float, y: float) -> bool:
    return box.x + 1 < x < box.x + box.w - 1 and box.y + 1 < y < box.y + box.h - 1


def crosses(a: tuple[float, float], b: tuple[float, float], box: Box) -> bool:
    """Does a level or upright line run through a box?"""
    (left, right), (top, bottom) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return left < box.x + box.w - 1 and right > box.x + 1 and top < box.y + box.h - 1 and bottom > box.y + 1


@pytest.mark.parametrize("width", WIDTHS)
def test_boxes_never_overlap(sop: Sop, width: int) -> None:
    solid = [box for box in lay_out(sop, width).boxes if box.kind != "do"]
    for one, other in combinations(solid, 2):
        apart = (
            one.x + one.w <= other.x
            or other.x + other.w <= one.x
            or one.y + one.h <= other.y
            or other.y + other.h <= one.y
        )
        assert apart, (one.name, other.name)


@pytest.mark.parametrize("width", WIDTHS)
def test_lines_cross_no_box(sop: Sop, width: int) -> None:
    drawn = lay_out(sop, width)
    solid = [box for box in drawn.boxes if box.kind not in ("do", "band", "when")]
    for edge in drawn.edges:
        for a, b in pairwise(edge.points):
            hit = [box.name for box in solid if crosses(a, b, box)]
            assert not hit, (edge.style, a, b, hit)


def test_narrow_fits_a_phone(sop: Sop) -> None:
    assert lay_out(sop, 326).width <= 326


def test_drawing_is_well_formed(sop: Sop) -> None:
    root = ET.fromstring(draw(sop, {"verify": "now"}, "id", href="#L{line}"))
    assert root.get("role") == "group"
    assert root.find(f"{SVG}title").text  # type: ignore[union-attr]
    names = {group.get("data-step") for group in root.iter(f"{SVG}g")}
    assert {step.name for step in sop.do} <= names


def test_same_document_same_bytes(sop: Sop) -> None:
    assert draw(sop) == draw(sop)


def test_sentences_name_every_way() -> None:
    sop = load(
        "sop: x\ndo:\n  - ask:\n      approval: {by: lead, question: Pay?}\n      on: {reject: {then: end}}\n  - finish: {resolve: {}}\n"
    )
    assert sentences(sop, "en") == [
        "Start",
        "Ask; approval by team lead: Pay?; rejected → end",
        "Finish; resolve the ticket",
        "End",
    ]


def test_paths_mark_their_step() -> None:
    assert by_step({"work/dev/bug#2": "done", "verify": "now", "verify#1": "done"}) == {"bug": "done", "verify": "now"}


def test_marks_become_classes() -> None:
    sop = load("sop: x\ndo: [One thing, Another thing]\n")
    assert 'class="step task mark-now"' in draw(sop, {"one_thing": "now"})


def test_text_of_people_is_escaped() -> None:
    assert "<b>" not in draw(load("sop: x\ndo: ['<b>bold</b> & more']\n"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_half_written_documents_draw(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = text.splitlines()
    for cut in range(3, len(lines), 2):
        found = draft("\n".join(lines[:cut])).sop
        if found is not None:
            ET.fromstring(draw(found))


SENSELESS = [
    "sop: x\ndo: []",
    "sop: x\ndo: [{a: {then: a}}]",
    "sop: x\ndo: [{a: {switch: []}}]",
    "sop: x\ndo: [{a: {switch: [{if: '1 ==', do: []}, {else: []}]}}]",
    "sop: x\ndo: [{a: {fork: {branches: {}}}}]",
    "sop: x\ndo: [{a: {fork: {join: 7, branches: {b: [], c: [x]}}}}]",
    "sop: x\ndo: [{a: {do: []}}, {b: {task: hi, then: nowhere}}]",
    "sop: x\non: {customer.withdrew: {then: end}}\ndo: [{a: {wait: {}}}]",
    "sop: x\ntimeout: {after: P9D, then: end}\ndo: [{a: {end: {}}}, {a: {end: {}}}]",
    "do: [{a: {task: {id: '', en: ''}}}]",
]


@pytest.mark.parametrize("text", SENSELESS)
def test_senseless_documents_draw(text: str) -> None:
    found = draft(text).sop
    assert found is not None
    ET.fromstring(draw(found, language="id"))
    sentences(found)


def test_visits_become_marks() -> None:
    def visit(name: str, state: str, number: int = 1, due: int | None = None, kind: str = "task") -> Visit:
        return Visit(name, name, number, kind, State(state), 0, due_at=due)

    visits = [
        visit("x", "open", 0, kind="sop"),
        visit("take", "done"),
        visit("ask", "skipped", 0),
        visit("check", "done"),
        visit("late", "open", due=5),
        visit("check", "open", 2),
    ]
    assert marks_of(visits, 10) == {"take": "done", "ask": "skip", "check": "now", "late": "late"}
