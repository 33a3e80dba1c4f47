"""What steps call and people press. `create` and `comment` may have happened when nobody knows, so each can be looked up."""

from __future__ import annotations

from typing import Any

import estafet
from plugins.trello import cards, commenting

_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": _TEXT}
_CARD = {
    **_TEXT,
    "title": {"en": "Card", "id": "Kartu"},
    "description": {
        "en": "Its address. Empty: the only one of the ticket",
        "id": "Alamatnya. Kosong: satu-satunya kartu tiket ini",
    },
}
_STEP = {
    **_TEXT,
    "title": {"en": "Stands for the step", "id": "Mewakili langkah"},
    "description": {
        "en": "A task by its name: one is done when the other is",
        "id": "Nama sebuah tugas: bila yang satu selesai, yang lain juga",
    },
}
_VALUES = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("card", "name", "list", "due", "ref", "url"), _TEXT),
        "done": {"type": "boolean"},
        "labels": _LIST,
    },
    "additionalProperties": True,
}
_EXAMPLE = {"card": "AbCd1234", "name": "Nothing is printed", "list": "To do", "done": False, "due": "", "labels": []}
_USUAL = {"en": "Empty: the usual one", "id": "Kosong: yang biasa dipakai"}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


_CREATE = _object(
    name={
        **_TEXT,
        "title": {"en": "Name", "id": "Nama"},
        "description": {"en": "Empty: the ticket's subject", "id": "Kosong: subjek tiket"},
    },
    description={**_TEXT, "title": {"en": "Description", "id": "Uraian"}, "format": "text"},
    board={**_TEXT, "title": {"en": "Board", "id": "Papan"}, "description": _USUAL},
    list={**_TEXT, "title": {"en": "List", "id": "Daftar"}, "description": _USUAL},
    labels={**_LIST, "title": {"en": "Labels", "id": "Label"}},
    due={
        **_TEXT,
        "title": {"en": "Due", "id": "Tenggat"},
        "description": {"en": "A day, such as 2026-12-24", "id": "Tanggal, misalnya 2026-12-24"},
    },
    checklist={
        **_LIST,
        "title": {"en": "Checklist", "id": "Daftar periksa"},
        "description": {
            "en": "Its items. Empty: the tasks of the procedure, if the settings say so",
            "id": "Isinya. Kosong: tugas-tugas SOP, jika pengaturan menghendakinya",
        },
    },
    step=_STEP,
)

ACTIONS = (
    estafet.Action(
        "trello.create",
        cards.create,
        title={"en": "Create a card in Trello", "id": "Buat kartu di Trello"},
        arguments=_CREATE,
        result=_VALUES,
        find=cards.find,
        on_ticket=True,
        example=_EXAMPLE,
    ),
    estafet.Action(
        "trello.attach",
        cards.attach,
        title={"en": "Attach a card of Trello", "id": "Tautkan kartu dari Trello"},
        arguments=_object(
            "card", card={**_TEXT, "title": {"en": "Address of the card", "id": "Alamat kartu"}}, step=_STEP
        ),
        result=_VALUES,
        repeatable=True,
        on_ticket=True,
        example=_EXAMPLE,
    ),
    estafet.Action(
        "trello.move",
        cards.move,
        title={"en": "Move a card in Trello", "id": "Pindahkan kartu di Trello"},
        arguments=_object(
            card=_CARD,
            list={
                **_TEXT,
                "title": {"en": "To the list", "id": "Ke daftar"},
                "description": {"en": "Empty: where done cards go", "id": "Kosong: tempat kartu yang selesai"},
            },
        ),
        result=_VALUES,
        repeatable=True,
        on_ticket=True,
        example={**_EXAMPLE, "list": "Done", "done": True},
    ),
    estafet.Action(
        "trello.tick",
        cards.tick,
        title={"en": "Tick an item in Trello", "id": "Centang butir di Trello"},
        arguments=_object(
            "item", card=_CARD, item={**_TEXT, "title": {"en": "Item of a checklist", "id": "Butir daftar periksa"}}
        ),
        result=_object(card=_TEXT, ticked={"type": "integer"}),
        repeatable=True,
        example={"card": "AbCd1234", "ticked": 1},
    ),
    estafet.Action(
        "trello.comment",
        commenting.comment,
        title={"en": "Comment in Trello", "id": "Beri komentar di Trello"},
        arguments=_object(
            "text",
            card=_CARD,
            text={**_TEXT, "title": {"en": "Comment", "id": "Komentar"}, "format": "text"},
            author={**_TEXT, "title": {"en": "Author", "id": "Penulis"}},
        ),
        result=_object(comment=_TEXT, card=_TEXT),
        find=commenting.find,
        on_ticket=True,
        example={"comment": "5f01", "card": "AbCd1234"},
    ),
)
