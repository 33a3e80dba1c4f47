"""Is this Indonesian or English? A cheap guess by the commonest words."""

from __future__ import annotations

import re
from typing import Literal


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INDONESIAN = _words(
    "yang dan di ini itu dengan untuk dari tidak saya kami anda ada akan pada ke sudah belum bisa tolong mohon terima kasih"
    " kasih selamat pagi siang sore malam bapak ibu pak bu mas mbak kak apakah bagaimana kenapa mengapa juga atau karena"
    " telah sedang harus boleh bisakah dapat lagi sekali barang pesanan pembayaran masalah bantuan halo salam hormat silakan"
    " sampai saat hari minggu bulan tahun nomor rekening kirim kembali uang jadi kalau jika agar supaya gak nggak tdk yg utk dgn"
)
_ENGLISH = _words(
    "the and of to in is that it for on with as was be by this not you are have i my we our your can could would please thank"
    " thanks hello hi dear regards from when what why how will has been but or if they at an do does did no yes me us order"
    " payment problem help still get just received send which there about am im don"
)
_WORD = re.compile(r"[a-z]{1,20}")


def guess_language(text: str) -> Literal["id", "en"] | None:
    """`id` or `en` when one of them clearly leads in the first 4,000 characters; else None."""
    words = _WORD.findall(text[:4_000].lower())
    indonesian = sum(1 for word in words if word in _INDONESIAN)
    english = sum(1 for word in words if word in _ENGLISH)
    if indonesian > english * 1.5 and indonesian * 20 >= len(words):
        return "id"
    if english > indonesian * 1.5 and english * 20 >= len(words):
        return "en"
    return None
