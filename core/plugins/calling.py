"""One action of a plugin, or a message on its channel, through the effect ledger.

planned → attempting (committed) → called → done, failed or unknown.

After a crash the plugin is asked to look the call up before it is repeated; where it cannot, a person is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import effects
from core.advance import Standing, nudged, standing
from core.effects import ALIVE_MS, ATTEMPTING, DONE, FAILED, PLANNED, UNKNOWN
from core.moments import now_ms
from core.performing import TryLater
from core.plugins.arguments import call_json, message_to_send
from core.plugins.asking import BROKEN, LIMIT, LOST, OK, PERMANENT, TEMPORARY, Answer, Busy
from core.plugins.health import note
from core.plugins.linking import keep_link
from core.plugins.news import as_plugin
from core.plugins.registry import PluginRow, plugin
from core.plugins.settings import missing, settings_of
from core.plugins.shapes import misfit
from core.plugins.threads import SEND
from core.sop.expressions import ExpressionError
from core.texts import _
from core.tickets.rows import lock
from core.tickets.settling import settle

if TYPE_CHECKING:
    from core.database import Database
    from core.effects import EffectRow
    from core.plugins.asking import Caller
    from core.settings import Settings

BUSY_WAIT = 1.0
_SENDING: dict[str, Any] = {
    "arguments": None,
    "finds": False,
    "lag": 0.0,
    "repeatable": False,
}  # a message is no action
_HARMLESS = (LIMIT, LOST)  # a repeatable action is tried again after these


class Calling:
    """The call of one effect."""

    def __init__(
        self, database: Database, settings: Settings, caller: Caller, row: EffectRow, owner: PluginRow
    ) -> None:
        self.database, self.settings, self.caller = database, settings, caller
        self.row, self.owner = row, owner
        self.action = _SENDING if row.kind == SEND else owner.action(row.payload["action"]) or {}

    def attempt(self, now: int) -> Standing:
        """Call it once."""
        if not self.action:
            return self._fail(_("it no longer offers the action “%(name)s”", name=self.row.payload["action"]))
        if self.row.state == ATTEMPTING:
            return self._take_up(now)
        try:
            question = self._question("call", now)
        except ExpressionError as error:
            return self._fail(str(error))
        except LookupError:
            return self._fail(_("the conversation is no longer there"))
        given = question["call"]["arguments"] if "call" in question else None
        problem = misfit(given, self.action["arguments"]) or missing(self.settings, self.owner)
        if problem:
            return self._fail(problem)
        with self.database.write(quietly=True) as tx:
            before = effects.begin(tx, self.row.key, now)
        if before is None or before.state != PLANNED:
            raise TryLater("somebody else has begun it", BUSY_WAIT)
        return self._conclude(self._ask(question))

    def _conclude(self, answer: Answer) -> Standing:
        repeatable = self.action["repeatable"]
        if answer.how == OK:
            return self._done(answer.value)
        if answer.how == TEMPORARY or (repeatable and answer.how in _HARMLESS):
            self._give_back(answer)
            raise TryLater(answer.detail, answer.wait)
        if answer.how == PERMANENT or (repeatable and answer.how == BROKEN):
            return self._fail(answer.detail)
        if self.action[
            "finds"
        ]:  # it stays `attempting`, and is looked up when the attempt and the vendor's lag are surely over
            raise TryLater(answer.detail, ALIVE_MS / 1000 + self.action["lag"])
        return self._end(UNKNOWN, self._named(answer.detail))

    def _take_up(self, now: int) -> Standing:
        """An attempt was begun, and its end is not known: it is looked up, and repeated only when it was surely not done."""
        left = (self.row.attempted_at or 0) + ALIVE_MS + int(self.action["lag"] * 1000) - now
        if left > 0:
            raise TryLater("the attempt that was begun may still be under way", left / 1000 + 0.1)
        if not self.action["finds"]:
            if not self.action["repeatable"]:
                words = _("The attempt was interrupted; nobody can know whether it was done.")
                return self._end(UNKNOWN, self._named(words))
            return self._again(now)
        answer = self._ask(self._question("find", now))
        if answer.how == OK:
            return self._again(now) if answer.value is None else self._done(answer.value)
        if answer.how == TEMPORARY or answer.how in _HARMLESS:
            raise TryLater(answer.detail, answer.wait)
        return self._end(UNKNOWN, self._named(answer.detail))

    def _again(self, now: int) -> Standing:
        with self.database.write(quietly=True) as tx:
            effects.give_back(tx, self.row.key, "the attempt that was interrupted had not been carried out", now, 0)
            planned = effects.read(tx, self.row.key)
        assert planned is not None
        return Calling(self.database, self.settings, self.caller, planned, self.owner).attempt(now)

    # ---- asking ------------------------------------------------------------------------------------------------------------

    def _question(self, do: str, now: int) -> dict[str, Any]:
        given = settings_of(self.settings, self.owner)
        with self.database.read() as tx:
            if self.row.kind == SEND:
                return {"do": "send", "message": message_to_send(tx, self.settings, self.row), "settings": given}
            return {"do": do, "call": {**call_json(tx, self.settings, self.row, now), "settings": given}}

    def _ask(self, question: dict[str, Any]) -> Answer:
        answer = self.caller.ask(self.owner.source, question)
        with self.database.write(quietly=True) as tx:
            note(tx, self.owner.name, answer, now_ms(), self.row.ticket_id)
        return answer

    # ---- ends --------------------------------------------------------------------------------------------------------------

    def _named(self, words: str) -> str:
        return _("Plugin “%(name)s”: %(words)s", name=self.owner.name, words=words)

    def _done(self, value: dict[str, Any]) -> Standing:
        """It was done: what it made outside is linked in the very transaction that ends its step."""
        now, payload = now_ms(), self.row.payload
        with self.database.write() as tx:
            lock(tx, self.row.ticket_id)
            if value["link"] and self.row.kind != SEND:
                path = payload.get("path", "")
                step = payload.get("step") or self.row.title if path else payload.get("step") or ""
                keep_link(
                    tx, as_plugin(self.owner.name), self.row.ticket_id, self.owner.name, value["link"],
                    run_id=self.row.run_id or 0, path=path, step=step, known=value["values"], now=now,
                )  # fmt: skip
            effects.forget_arguments(tx, self.row.key)
            after = settle(tx, self.settings, self.row.key, DONE, now, result=value["values"])
            nudged(tx, [(after.ticket_id, after.seq)])
            return after

    def _fail(self, words: str) -> Standing:
        return self._end(FAILED, self._named(words))

    def _give_back(self, answer: Answer) -> None:
        with self.database.write(quietly=True) as tx:
            wait_ms = int((answer.wait or 30 * 60) * 1000)
            effects.give_back(tx, self.row.key, self._named(answer.detail), now_ms(), wait_ms)

    def _end(self, state: str, detail: str | None) -> Standing:
        with self.database.write() as tx:
            told = {"plugin": self.owner.name, "words": detail}
            after = settle(tx, self.settings, self.row.key, state, now_ms(), result=told, detail=detail)
            nudged(tx, [(after.ticket_id, after.seq)])
            return after


def call(database: Database, settings: Settings, caller: Caller, key: str, *, now: int | None = None) -> Standing:
    """Attempt the call `key` once; a finished one, or one whose plugin does not work, is left alone. Returns how its ticket stands then."""
    with database.read() as tx:
        row = effects.read(tx, key)
        if row is None:
            raise LookupError(key)
        owner = plugin(tx, row.plugin or "")
        if row.state not in {PLANNED, ATTEMPTING} or owner is None or not owner.works:
            return standing(tx, [row.ticket_id])[row.ticket_id]
    try:
        with caller.slot(owner.name):
            return Calling(database, settings, caller, row, owner).attempt(now or now_ms())
    except Busy:
        raise TryLater("all processes of the plugin are at work", BUSY_WAIT) from None
