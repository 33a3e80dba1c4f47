"""How long does checking an SOP take? Run: `python benchmarks/sop_checking.py`. The limits are 20 ms for 20 steps and 150 ms for 200."""

from __future__ import annotations

import json
import time

import yaml

from core.sop.checking import check

LIMITS = {20: 20.0, 200: 150.0, 495: 400.0}
HEAD = """sop: big
department: billing
fields:
  amount: {type: money}
  kind: {type: choice, options: [new, old]}
  note: {type: text, required: false}
do:
"""
FIVE = """  - ask_N:
      task: Check the invoice N and the amount paid
      require: [fields.amount, fields.kind]
      due: {business: PT2H}
      remind: [{before: {business: PT30M}}]
  - size_N:
      switch:
        - {if: fields.amount > N000000 && fields.kind == 'new', then: approve_N}
        - else: []
      then: tell_N
  - approve_N:
      approval: {by: "team:finance", question: "Pay ${fields.amount} for ${ticket.subject}?"}
      timeout: {after: {business: PT8H}, then: approve_N}
      on: {reject: {then: ask_N}}
  - tell_N:
      notify: {to: customer, template: refund_sent, with: {amount: "${fields.amount}"}}
  - wait_N:
      wait: {event: customer.replied, if: "steps.ask_N.visits > 1 || has(fields.note)", for: P3D}
"""


def document(steps: int) -> str:
    """A document of so many steps, as a team lead would write it."""
    return HEAD + "".join(
        FIVE.replace("_N", f"_{number}").replace("N", str(number + 1)) for number in range(steps // 5)
    )


def best(work: object, rounds: int = 7) -> float:
    """The fastest of some rounds, in milliseconds: what the work costs when nothing else runs."""
    assert callable(work)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def measure() -> list[dict[str, float]]:
    """For each size: milliseconds to check, beside those in which libyaml reads the same text without looking at it."""
    rows = []
    for steps, limit in LIMITS.items():
        text = document(steps)
        assert check(text).errors == ()
        checking, reading = (
            best(lambda text=text: check(text)),
            best(lambda text=text: yaml.compose(text, Loader=yaml.CSafeLoader)),
        )
        rows.append(
            {
                "steps": steps,
                "check_ms": round(checking, 1),
                "ratio_to_yaml": round(checking / reading, 1),
                "limit_ms": limit,
            }
        )
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
