"""Finding things: the search over tickets, customers and articles, and the customer's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for

from core.customers import customer_page
from core.permissions import may, require, sees_all_departments
from core.tickets import search as searching
from web.desk import desk
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@desk.get("/search")
def search() -> ResponseReturnValue:
    """What speaks of this? A number alone leads to its ticket."""
    require(actor(), "read_tickets")
    typed = request.args.get("q", "").strip()[:200]
    department = None if sees_all_departments(actor()) else actor().department_id
    if typed:
        searching.catch_up(database())
    with database().read() as tx:
        tickets = searching.search_tickets(tx, typed, department) if typed else []
        customers = searching.search_customers(tx, typed) if may(actor(), "read_customers") else []
        articles = searching.search_articles(tx, typed, department)
    if typed.isdecimal() and len(tickets) == 1 and str(tickets[0].id) == typed:
        return redirect(url_for("desk.ticket", ticket_id=tickets[0].id))
    return render_template(
        "desk/search.html", here="search", typed=typed, tickets=tickets, customers=customers, articles=articles
    )


@desk.get("/customers/<int:customer_id>")
def customer(customer_id: int) -> ResponseReturnValue:
    """The customer: who they are, what they asked, everything ever said."""
    with database().read() as tx:
        page = customer_page(tx, actor(), customer_id)
    return render_template("desk/customer.html", here="queue", page=page)
