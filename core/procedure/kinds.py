"""The kinds of steps, each in the module of its family. A new kind is a line in this table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.procedure import branching, outside, people, setting, subruns, waiting
from core.procedure.behaviour import Behaviour

__all__ = ["BEHAVIOURS", "Behaviour"]

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "assign": people.ASSIGN,
        "task": people.TASK,
        "approval": people.APPROVAL,
        "collaborate": people.COLLABORATE,
        "resolve": people.RESOLVE,
        "document": people.DOCUMENT,
        "notify": outside.NOTIFY,
        "call": outside.CALL,
        "survey": outside.SURVEY,
        "set": setting.SET,
        "wait": waiting.WAIT,
        "switch": branching.SWITCH,
        "fork": branching.FORK,
        "do": branching.PHASE,
        "end": branching.END_STEP,
        "jump": branching.JUMP,
        "run": subruns.RUN,
    }
)
