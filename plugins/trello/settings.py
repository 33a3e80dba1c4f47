"""What an administrator types in: who asks, which board is usual, and what a change on either side means on the other."""

from __future__ import annotations

import estafet
from plugins.trello import commenting
from plugins.trello.site import API

SETTINGS = (
    estafet.Setting(
        "key",
        title={"en": "API key", "id": "Kunci API"},
        required=True,
        help={"en": "From trello.com/power-ups/admin.", "id": "Dari trello.com/power-ups/admin."},
    ),
    estafet.Setting(
        "token",
        title={"en": "Token", "id": "Token"},
        required=True,
        secret=True,
        help={
            "en": "Of the account in whose name cards are made.",
            "id": "Dari akun yang namanya dipakai membuat kartu.",
        },
    ),
    estafet.Setting(
        "app_secret",
        title={"en": "App secret", "id": "Rahasia aplikasi"},
        secret=True,
        help={
            "en": "Beside the API key. Trello signs webhooks with it.",
            "id": "Ada di sebelah kunci API. Trello menandatangani webhook dengannya.",
        },
    ),
    estafet.Setting(
        "board",
        title={"en": "Usual board", "id": "Papan yang biasa dipakai"},
        help={
            "en": "Its name or short link. A call may name another one.",
            "id": "Nama atau tautan pendeknya. Panggilan boleh menyebut papan lain.",
        },
    ),
    estafet.Setting("list", title={"en": "Usual list of new cards", "id": "Daftar untuk kartu baru"}, default="To do"),
    estafet.Setting(
        "labels",
        title={"en": "Usual labels", "id": "Label yang biasa dipakai"},
        help={"en": "Parted by commas.", "id": "Dipisahkan dengan koma."},
    ),
    estafet.Setting(
        "tasks",
        title={"en": "Checklist of the procedure's tasks", "id": "Daftar periksa dari tugas-tugas SOP"},
        kind="boolean",
        default=True,
    ),
    estafet.Setting(
        "done_lists",
        title={"en": "Lists that mean done", "id": "Daftar yang berarti selesai"},
        default="Done",
        help={
            "en": "The first is where a completed task's card goes.",
            "id": "Kartu dari tugas yang selesai dipindahkan ke daftar pertama.",
        },
    ),
    estafet.Setting(
        "follow_name",
        title={"en": "A renamed card renames the ticket", "id": "Nama baru kartu menjadi subjek tiket"},
        kind="boolean",
        default=False,
    ),
    estafet.Setting(
        "follow_due",
        title={"en": "A card's due date is its step's", "id": "Tenggat kartu menjadi tenggat langkahnya"},
        kind="boolean",
        default=True,
    ),
    estafet.Setting(
        "label_changes",
        title={"en": "What labels mean", "id": "Arti label"},
        help="Urgent = priority: urgent; Billing = tag: billing",
    ),
    estafet.Setting(
        "send_comments",
        title={"en": "Internal comments to Trello", "id": "Komentar internal ke Trello"},
        kind="choice",
        default=commenting.MARKED,
        options={
            commenting.NEVER: {"en": "none", "id": "tidak ada"},
            commenting.MARKED: {"en": "those that begin with @trello", "id": "yang diawali @trello"},
            commenting.ALL: {"en": "all", "id": "semua"},
        },
    ),
    estafet.Setting(
        "take_comments",
        title={"en": "Comments of Trello to the ticket", "id": "Komentar Trello ke tiket"},
        kind="boolean",
        default=True,
    ),
    estafet.Setting(
        "watch",
        title={"en": "Boards with a webhook", "id": "Papan dengan webhook"},
        help={"en": "Empty: the usual board.", "id": "Kosong: papan yang biasa dipakai."},
    ),
    estafet.Setting("site", title={"en": "Address of the API", "id": "Alamat API"}, kind="url", default=API),
)
