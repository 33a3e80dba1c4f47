"""Customers and their organisations."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Response

from core import customer_classes, customer_list, organisations
from core.directory import directory
from core.moments import rfc3339
from core.permissions import require
from web.api import shapes_customers as shapes
from web.api.answers import Answer, answer, command, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.wiring import database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.customer_list import CustomerRow
    from core.organisations import OrganisationRow

part = Part("customers", __name__, "Who asks.")


@part.reading("/customers")
@part.arguments(shapes.CustomerFilters, location="query")
@part.response(200, listed(shapes.Customer))
def list_customers(wanted: dict[str, Any]) -> Response:
    """Customers"""
    after = read_cursor(wanted["next"], int)
    with database().read() as tx:
        found = customer_list.customers_page(
            tx,
            caller(),
            email=wanted["email"],
            organisation_id=wanted["organisation"],
            words=(wanted["q"] or "").strip()[:200],
            after=after[0] if after else 0,
            limit=wanted["limit"] + 1,
        )
    shown = found[: wanted["limit"]]
    return items([_customer(one) for one in shown], cursor(shown[-1].id) if len(found) > len(shown) else None)


def _customer(one: CustomerRow) -> dict[str, Any]:
    firm = None if one.organisation_id is None else {"id": one.organisation_id, "name": one.organisation}
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "phone": one.phone,
        "language": one.language,
        "class": one.klass,
        "organisation": firm,
        "verified": one.verified,
        "created_at": rfc3339(one.created_at),
    }


@part.reading("/customers/<int:customer_id>")
@part.response(200, shapes.Customer)
def read_customer(customer_id: int) -> Response:
    """One customer"""
    with database().read() as tx:
        return answer(_customer(customer_list.one_customer(tx, caller(), customer_id)))


@part.command("/customers")
@part.arguments(shapes.CustomerChanges)
@part.response(201, shapes.Customer)
def create_customer(given: dict[str, Any]) -> Response:
    """A customer before their first word"""

    def work(tx: Connection) -> Answer:
        customer_id = customer_list.create_customer(tx, caller(), given)
        made = _customer(customer_list.one_customer(tx, caller(), customer_id))
        return Answer(made, 201, {"Location": f"/api/v1/customers/{customer_id}"})

    return command(work)


@part.changing("/customers/<int:customer_id>")
@part.arguments(shapes.CustomerEdits)
@part.response(200, shapes.Customer)
def patch_customer(changes: dict[str, Any], customer_id: int) -> Response:
    """Change a customer"""

    def work(tx: Connection) -> Answer:
        customer_list.change_customer(tx, caller(), customer_id, changes)
        return Answer(_customer(customer_list.one_customer(tx, caller(), customer_id)))

    return command(work)


@part.reading("/organisations")
@part.arguments(shapes.OrganisationFilters, location="query")
@part.response(200, listed(shapes.Organisation))
def list_organisations(wanted: dict[str, Any]) -> Response:
    """Customers' firms"""
    after = read_cursor(wanted["next"], int)
    with database().read() as tx:
        found = organisations.organisations_page(
            tx,
            caller(),
            words=(wanted["q"] or "").strip()[:200],
            after=after[0] if after else 0,
            limit=wanted["limit"] + 1,
        )
    shown = found[: wanted["limit"]]
    return items([_firm(one) for one in shown], cursor(shown[-1].id) if len(found) > len(shown) else None)


def _firm(one: OrganisationRow) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "class": one.klass, "domains": list(one.domains), "active": one.active}


@part.command("/organisations")
@part.arguments(shapes.NewOrganisation)
@part.response(201, shapes.Organisation)
def create_organisation(given: dict[str, Any]) -> Response:
    """A customer's firm"""
    name, klass, domains = given["name"], given["klass"] or "standard", given["domains"] or ()
    return command(
        lambda tx: Answer(_firm(organisations.save_organisation(tx, caller(), name, klass, domains=domains)), 201)
    )


@part.changing("/organisations/<int:organisation_id>")
@part.arguments(shapes.OrganisationChanges)
@part.response(200, shapes.Organisation)
def patch_organisation(given: dict[str, Any], organisation_id: int) -> Response:
    """Change a customer's firm; what is left out stays"""

    def work(tx: Connection) -> Answer:
        before = organisations.one_organisation(tx, caller(), organisation_id)
        changed = organisations.save_organisation(
            tx,
            caller(),
            given.get("name", before.name),
            given.get("klass", before.klass),
            organisation_id=organisation_id,
            domains=given.get("domains"),
            active=given.get("active"),
        )
        return Answer(_firm(changed))

    return command(work)


@part.reading("/customer-classes")
@part.response(200, listed(shapes.CustomerClass))
def list_classes() -> Response:
    """Service classes of customers"""
    with database().read() as tx:
        require(caller(), "read_customers")
        return items([asdict(one) for one in directory(tx).classes.values()])


@part.command("/customer-classes")
@part.arguments(shapes.NewCustomerClass)
@part.response(201, shapes.CustomerClass)
def create_class(given: dict[str, Any]) -> Response:
    """A new service class (managers)"""

    def work(tx: Connection) -> Answer:
        customer_classes.add_class(tx, caller(), given["name"], given["title"])
        return Answer(asdict(directory(tx).classes[given["name"]]), 201)

    return command(work)


@part.changing("/customer-classes/<name>")
@part.arguments(shapes.CustomerClassChanges)
@part.response(200, shapes.CustomerClass)
def patch_class(given: dict[str, Any], name: str) -> Response:
    """Give a service class another title, or close it (managers)"""

    def work(tx: Connection) -> Answer:
        customer_classes.change_class_text(tx, caller(), name, **given)
        return Answer(asdict(directory(tx).classes[name]))

    return command(work)
