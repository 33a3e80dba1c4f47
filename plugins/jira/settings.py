"""What an administrator types in: where Jira is, who asks there, and what is sent in which direction."""

from __future__ import annotations

import estafet
from plugins.jira import commenting
from plugins.jira.site import CLOUD, DATA_CENTER

SETTINGS = (
    estafet.Setting(
        "kind",
        title={"en": "Kind", "id": "Jenis"},
        kind="choice",
        default=CLOUD,
        options=(CLOUD, DATA_CENTER),
    ),
    estafet.Setting(
        "site",
        title={"en": "Address", "id": "Alamat"},
        kind="url",
        required=True,
        help="https://your-firm.atlassian.net",
    ),
    estafet.Setting(
        "email",
        title={"en": "E-mail of the account", "id": "E-mail akun"},
        help={"en": "Cloud only: whose API token it is.", "id": "Hanya untuk Cloud: pemilik token API-nya."},
    ),
    estafet.Setting(
        "token",
        title={"en": "Token", "id": "Token"},
        required=True,
        secret=True,
        help={
            "en": "API token (Cloud) or personal access token (Data Center).",
            "id": "Token API (Cloud) atau personal access token (Data Center).",
        },
    ),
    estafet.Setting(
        "webhook_secret",
        title={"en": "Secret of the webhook", "id": "Rahasia webhook"},
        secret=True,
        help={
            "en": "Any long text. Jira signs with it what it tells.",
            "id": "Teks panjang apa saja. Jira memakainya untuk menandatangani kabarnya.",
        },
    ),
    estafet.Setting(
        "project",
        title={"en": "Usual project", "id": "Proyek yang biasa dipakai"},
        help={"en": "Its key. A call may name another one.", "id": "Kuncinya. Panggilan boleh menyebut proyek lain."},
    ),
    estafet.Setting(
        "type", title={"en": "Usual type of issue", "id": "Jenis issue yang biasa dipakai"}, default="Task"
    ),
    estafet.Setting(
        "labels",
        title={"en": "Usual labels", "id": "Label yang biasa dipakai"},
        help={"en": "Parted by commas.", "id": "Dipisahkan dengan koma."},
    ),
    estafet.Setting(
        "priorities",
        title={"en": "Priorities", "id": "Prioritas"},
        default="urgent = Highest; high = High; medium = Medium; low = Low",
        help={
            "en": "The ticket's on the left, Jira's on the right. One that is not there is left to Jira.",
            "id": "Milik tiket di kiri, milik Jira di kanan. Yang tidak disebut ditentukan oleh Jira.",
        },
    ),
    estafet.Setting(
        "send_comments",
        title={"en": "Internal comments to Jira", "id": "Komentar internal ke Jira"},
        kind="choice",
        default=commenting.MARKED,
        options={
            commenting.NEVER: {"en": "none", "id": "tidak ada"},
            commenting.MARKED: {"en": "those that begin with @jira", "id": "yang diawali @jira"},
            commenting.ALL: {"en": "all", "id": "semua"},
        },
    ),
    estafet.Setting(
        "take_comments",
        title={"en": "Comments of Jira to the ticket", "id": "Komentar Jira ke tiket"},
        kind="boolean",
        default=True,
    ),
    estafet.Setting(
        "watch",
        title={"en": "Webhook for (JQL)", "id": "Webhook untuk (JQL)"},
        help={
            "en": "Empty: the usual project. Example: project in (KAN, OPS)",
            "id": "Kosong: proyek yang biasa dipakai. Contoh: project in (KAN, OPS)",
        },
    ),
)
