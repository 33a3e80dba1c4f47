"""Small real files for the demo's messages: pictures, PDF papers, text files, and the report of a mail that came back."""

from __future__ import annotations

import struct
import zlib
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from core.moments import to_datetime
from core.tickets.messages import NewAttachment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WIDTH, _HEIGHT = 160, 120


def attachments(given: Iterable[str | dict[str, Any]]) -> tuple[NewAttachment, ...]:
    """Files as a story names them: a name, or a name with its lines of text."""
    return tuple(_file(one["name"], one["lines"]) if isinstance(one, dict) else _file(one, [one]) for one in given)


def _file(name: str, lines: list[str]) -> NewAttachment:
    content_type, make = _MAKERS[name.rsplit(".", 1)[-1]]
    return NewAttachment(name, content_type, make(name, lines))


def picture(name: str, _lines: list[str]) -> bytes:
    """A PNG with a soft gradient and a few blocks, another one for every name."""
    seed = sha256(name.encode()).digest()
    rows = bytearray()
    for y in range(_HEIGHT):
        rows.append(0)  # this row is not filtered
        for x in range(0, _WIDTH, 32):
            block = seed[(x // 32 + 5 * (y // 30)) % 32] % 48
            rows += bytes((seed[i] // 2 + block + y * (i + 1) // 4) % 256 for i in range(3)) * 32
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paper(_name: str, lines: list[str]) -> bytes:
    """A PDF of one page with these lines."""
    shown = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines]
    text = "BT /F1 12 Tf 60 780 Td 18 TL " + " ".join(f"({line}) Tj T*" for line in shown) + " ET"
    stream = text.encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = (count, table, count, len(written))
    written += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % end
    return bytes(written)


def text_file(_name: str, lines: list[str]) -> bytes:
    """A plain text file."""
    return ("\n".join(lines) + "\n").encode()


_MAKERS: dict[str, tuple[str, Callable[[str, list[str]], bytes]]] = {
    "png": ("image/png", picture),
    "pdf": ("application/pdf", paper),
    "txt": ("text/plain", text_file),
}


def bounced(message_id: str, address: str, why: str, at: int) -> bytes:
    """The report (RFC 3464) with which a mail server says that our mail could not be delivered."""
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = f"MAILER-DAEMON@{address.partition('@')[2]}"
    report["To"] = "billing@lentera.example"
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(to_datetime(at))
    report["Message-ID"] = f"<bounce.{at}@{address.partition('@')[2]}>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(f"Your message could not be delivered to {address}: {why}\n"))
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    machine, recipient = Message(), Message()
    machine["Reporting-MTA"] = f"dns; mx.{address.partition('@')[2]}"
    recipient["Final-Recipient"] = f"rfc822; {address}"
    recipient["Action"] = "failed"
    recipient["Status"] = why.split(" ", 1)[0]
    recipient["Diagnostic-Code"] = "smtp; 552 " + why.partition(" ")[2]
    status.set_payload([machine, recipient])
    report.attach(status)
    returned = EmailMessage()
    returned["Message-ID"] = message_id
    returned["To"] = address
    headers = MIMEText(returned.as_string(), "rfc822-headers")
    report.attach(headers)
    return report.as_bytes()
