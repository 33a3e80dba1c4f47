"""The address of a mail server is read, or what is wrong with it is explained."""

from __future__ import annotations

import pytest

from core.mail.sending import MailServer, MailUrlError, parse_mail_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 25)),
        ("smtp://127.0.0.1:2525/", MailServer("127.0.0.1", 2525)),
        ("SMTPS://mail.example.com", MailServer("mail.example.com", 465, "tls")),
        ("smtp+starttls://mail.example.com", MailServer("mail.example.com", 587, "starttls")),
        ("smtp+starttls://user:password@host:587", MailServer("host", 587, "starttls", "user", "password")),
        ("smtps://a%40b.example:p%2Fq%3A%40r@host", MailServer("host", 465, "tls", "a@b.example", "p/q:@r")),
        ("smtp://user@[::1]:25", MailServer("::1", 25, "plain", "user")),
    ],
)
def test_addresses_of_servers_are_read(url: str, expected: MailServer) -> None:
    assert parse_mail_url(url) == expected


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must begin with"),
        ("mail.example.com", "must begin with"),
        ("http://mail.example.com", "must begin with"),
        ("smtp://", "names no host"),
        ("smtp://:25", "names no host"),
        ("smtp://host:port", "port"),
        ("smtp://host:99999", "port"),
        ("smtp://host:0", "port"),
        ("smtp://[::1", "cannot be read"),
        ("smtp://user:secret/word@host", "cannot be read|after host"),
        ("smtp://host/folder", "after host"),
        ("smtp://host?tls=1", "after host"),
        ("smtp://:secret@host", "no user name"),
    ],
)
def test_wrong_server_addresses_are_explained(url: str, says: str) -> None:
    with pytest.raises(MailUrlError, match=says) as caught:
        parse_mail_url(url)
    assert "secret" not in str(caught.value)


def test_password_does_not_show() -> None:
    assert "geheim" not in repr(parse_mail_url("smtp://budi:geheim@host"))
