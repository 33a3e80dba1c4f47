"""How does the customer rate their request? Each survey is answered once, and the answer may be changed for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from core.advance import walk_on
from core.errors import Conflict, FieldError, Invalid
from core.moments import now_ms
from core.schema import Survey
from core.surveys import SCALES
from core.texts import _
from core.tickets.messages import from_customer, write_message
from core.tickets.rows import lock
from core.tickets.surveys import find_survey
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings
    from core.tickets.surveys import Asked

RATED = "customer.rated"
LONGEST_COMMENT = 5_000
_s = Survey.__table__.c


def rate(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    step_id: int,
    score: int | None,
    comment: str = "",
    *,
    now: int | None = None,
) -> None:
    """The customer answers a survey, or changes their answer. The same answer once more changes nothing."""
    now = now or now_ms()
    row = lock(tx, find_survey(tx, step_id).ticket_id)
    asked, comment = find_survey(tx, step_id), comment.strip()
    _check(asked, score, comment)
    if not asked.changeable(row.status, now):
        raise Conflict(_("This survey is over; your answer was not changed. Write to us if something is left to say."))
    said = comment if comment != asked.comment.strip() else ""
    if score == asked.score and not said:
        return
    data = {"type": asked.type, "score": score, "max": SCALES[asked.type].most, "step": asked.step, "survey": step_id}
    if asked.score is not None:
        data["before"] = asked.score
    changed = {"score": score, "rated_at": now}
    if said:
        # The words stand on the timeline at the event that is written next, which names them.
        message_id, row = write_message(tx, row, from_customer(actor, row, said), row.last_seq + 1, now)
        data["comment_id"] = changed["message_id"] = message_id
    event = append(tx, row.id, RATED, actor, data, at=now)
    tx.execute(update(Survey.__table__).where(_s.step_id == step_id).values(**changed))
    walk_on(tx, settings, lock(tx, row.id), now, cause=event.seq)


def _check(asked: Asked, score: int | None, comment: str) -> None:
    scale, errors = SCALES[asked.type], []
    if score is None or score not in scale.scores:
        words = _("Choose a number from %(least)s to %(most)s.", least=scale.least, most=scale.most)
        errors.append(FieldError("/score", words))
    if len(comment) > LONGEST_COMMENT:
        most = LONGEST_COMMENT
        errors.append(
            FieldError("/comment", _("The comment is longer than %(most)s characters. Shorten it.", most=most))
        )
    if errors:
        raise Invalid(*errors)
