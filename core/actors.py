"""Who does this? Every command is given its actor, and every event keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind`: person, customer, guest (asked by mail, `name` is the address), flow (the procedure), system, plugin.

    `role` is a person's: manager, lead, agent, light.
    """

    kind: str
    id: int | None = None
    role: str = ""
    name: str = ""
    department_id: int | None = None

    @property
    def is_person(self) -> bool:
        return self.kind == "person"


FLOW = Actor("flow")
SYSTEM = Actor("system")


def customer(customer_id: int, name: str = "") -> Actor:
    """The customer with this id."""
    return Actor("customer", customer_id, name=name)
