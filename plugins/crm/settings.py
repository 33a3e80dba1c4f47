"""What an administrator types in: which customer system, and what it needs."""

from __future__ import annotations

import estafet

SETTINGS = (
    estafet.Setting(
        "provider",
        title={"en": "Customer system", "id": "Sistem pelanggan"},
        kind="choice",
        options={
            "tables": {"en": "tables: the built-in ones", "id": "tables: tabel bawaan"},
            "file": {"en": "file: a CSV file", "id": "file: berkas CSV"},
            "hubspot": "hubspot",
            "rest": {"en": "rest: any JSON interface", "id": "rest: antarmuka JSON apa saja"},
        },
    ),
    estafet.Setting(
        "classes",
        title={"en": "Service class of each tier", "id": "Kelas pelanggan untuk setiap tingkat"},
        help={
            "en": "Such as: gold = vip; platinum = vip. Customers of these tiers get this class.",
            "id": "Misalnya: gold = vip; platinum = vip. Pelanggan bertingkat ini mendapat kelas itu.",
        },
    ),
    estafet.Setting(
        "tables",
        title={"en": "tables: their file", "id": "tables: berkasnya"},
        help={
            "en": "Empty: crm.db in the folder of the plugins' data.",
            "id": "Kosong: crm.db di folder data plugin.",
        },
    ),
    estafet.Setting(
        "file",
        title={"en": "file: CSV file of customers", "id": "file: berkas CSV pelanggan"},
        help={
            "en": "Its first line names the columns; one of them is email. tier and owner are usual, others may be added.",
            "id": "Baris pertamanya menamai kolom; salah satunya email. tier dan owner lazim ada, yang lain boleh ditambah.",
        },
    ),
    estafet.Setting(
        "delimiter",
        title={"en": "file: between columns", "id": "file: pemisah kolom"},
        kind="choice",
        default=",",
        options=(",", ";", "tab"),
    ),
    estafet.Setting("token", title="hubspot, rest: token", secret=True),
    estafet.Setting(
        "site",
        title={"en": "hubspot: address", "id": "hubspot: alamat"},
        kind="url",
        help={"en": "Empty: HubSpot's own.", "id": "Kosong: alamat HubSpot sendiri."},
    ),
    estafet.Setting(
        "properties",
        title={"en": "hubspot: properties of a contact", "id": "hubspot: properti kontak"},
        help={
            "en": "Such as: tier = customer_tier; owner = account_owner; licences_left = licences",
            "id": "Misalnya: tier = customer_tier; owner = account_owner; licences_left = licences",
        },
    ),
    estafet.Setting(
        "address",
        title={"en": "rest: address", "id": "rest: alamat"},
        help={
            "en": "With {email} in it: https://erp.example.com/customers?mail={email}",
            "id": "Dengan {email} di dalamnya: https://erp.example.com/customers?mail={email}",
        },
    ),
    estafet.Setting(
        "token_header", title={"en": "rest: header of the token", "id": "rest: header token"}, default="Authorization"
    ),
    estafet.Setting(
        "mapping",
        title={"en": "rest: what is where", "id": "rest: letak tiap nilai"},
        help={
            "en": "Such as: account = data.0; tier = level; invoices = bills: number=no, amount=total, state=status",
            "id": "Misalnya: account = data.0; tier = level; invoices = bills: number=no, amount=total, state=status",
        },
    ),
)
