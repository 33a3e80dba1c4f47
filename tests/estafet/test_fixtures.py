"""The servers that tests start answer."""

import smtplib

from playwright.sync_api import Page
from sqlalchemy import func, select
from temporalio.client import Client

from core.database import Database
from core.schema import Ticket


def test_both_databases_open(any_database: Database) -> None:
    with any_database.write() as tx:
        assert tx.execute(select(func.count()).select_from(Ticket)).scalar_one() == 0


async def _count(address: str, namespace: str) -> int:
    client = await Client.connect(address, namespace=namespace)
    return (await client.count_workflows()).count


def test_namespace_starts_empty(temporal_server, temporal_namespace) -> None:
    import asyncio

    assert asyncio.run(_count(temporal_server.address, temporal_namespace)) == 0


def test_sink_keeps_mail(smtp_sink) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as client:
        client.sendmail("a@example.com", ["b@example.com"], b"Subject: x\r\n\r\nhello\r\n")
    assert smtp_sink.mails[0].recipients == ["b@example.com"]


def test_browser_opens_page(page: Page) -> None:
    page.set_content("<h1>Hello</h1>")
    assert page.locator("h1").inner_text() == "Hello"
