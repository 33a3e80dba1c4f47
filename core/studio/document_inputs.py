"""Which inputs has the document itself in the outline: its title and rules, and the fields its steps fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.drawing_words import event
from core.sop.shapes import suggested_name
from core.studio import inputs as i
from core.studio import text_inputs as t
from core.studio.conditions import subjects
from core.studio.every_step_inputs import moments, reminders
from core.texts import _

if TYPE_CHECKING:
    from core.sop.document import Field
    from core.studio.inputs import Input, Options
    from core.studio.surroundings import Surroundings


def document_inputs(around: Surroundings) -> list[Input]:
    """Title, mode, when it starts, working hours, time limit, what happens when the customer withdraws."""
    sop, names = around.sop, around.names
    modes = [
        ("guided", _("guided: people may leave it, and that is written down")),
        ("strict", _("strict: nobody resolves or closes past it")),
        ("advisory", _("advisory: a checklist in any order")),
    ]
    calendars = [("", _("the department's working hours")), *((name, name) for name in sorted(names.calendars or ()))]
    start = sop.start
    ends = [("", _("nothing")), ("end", _("end the procedure")), *((step.name, i_title(step.name)) for step in sop.do)]
    routes = {on.event: on.then for on in sop.on if on.then}
    return [
        t.words("title", _("Title"), ("title",), sop.title, both=True),
        i.condition("start", _("Starts by itself when"), ("start", "if"), start.if_ if start else None, sop, subjects(sop, before_start=True)),
        i.Input(
            "priority",
            _("If several would start, the highest number wins"),
            "text",
            ("start", "priority"),
            (str(start.priority) if start and start.priority else "",),
            _number,
            more=True,
        ),
        i.choose("mode", _("How binding is it?"), ("mode",), sop.mode, modes),
        i.choose("calendar", _("Working hours"), ("calendar",), sop.calendar or "", calendars),
        i.time("due", _("The whole is due within"), ("due",), sop.due, froms=moments(opening=False)),
        *reminders(sop.remind, more=True),
        *(
            i.choose(f"on.{name}", _("When %(event)s", event=event(name)), ("on", name, "then"), routes.get(name, ""), ends, more=name not in routes)
            for name in ("customer.withdrew", "ticket.reopened")
        ),
        t.words("note", _("Note for authors"), ("note",), sop.note, long=True, both=around.both, more=True),
        i.Input("labels", _("Labels"), "text", ("labels",), (", ".join(sop.labels),), _labels, hint=_("Several with commas between."), more=True),
    ]  # fmt: skip


def i_title(name: str) -> str:
    """A step in a list of targets."""
    return name.replace("_", " ").capitalize()


def _labels(given: tuple[str, ...]) -> Any:
    return [label.strip() for label in given[0].split(",") if label.strip()] or None


def _number(given: tuple[str, ...]) -> Any:
    if not given[0]:
        return None
    if not given[0].removeprefix("-").isdecimal():
        raise i.WrongAnswer(_("“%(value)s” is no whole number.", value=given[0]))
    return int(given[0])


def types() -> Options:
    """The types of fields as people say them."""
    return [
        ("string", _("a line of text")),
        ("text", _("a longer text")),
        ("choice", _("one of several")),
        ("list", _("several of several")),
        ("boolean", _("yes or no")),
        ("int", _("a whole number")),
        ("number", _("a number")),
        ("money", _("an amount of money")),
        ("date", _("a date")),
        ("datetime", _("a date and time")),
        ("duration", _("a length of time")),
        ("phone", _("a telephone number")),
        ("email", _("an e-mail address")),
        ("url", _("a web address")),
        ("person", _("a person")),
        ("file", _("a file")),
    ]


def new_field(label: str, type_: str) -> dict[str, Any]:
    """A new field; one to choose from needs something to choose."""
    kind = type_ if type_ in dict(types()) else "string"
    some = {"options": [suggested_name(_("yes")), suggested_name(_("no"))]} if kind == "choice" else {}
    return {"type": kind, **some, "label": label}


def field_inputs(field: Field, *, both: bool = False) -> list[Input]:
    """The inputs of one field; their paths begin inside it. `both`: its texts are written in both languages."""
    codes = {t.said(option.label, both=False)[0]: option.code for option in field.options}
    found = [
        t.words("label", _("Name"), ("label",), field.label, both=both),
        i.choose("type", _("What is filled in?"), ("type",), field.type, types()),
        i.Input("optional", _("May stay empty"), "check", ("required",), () if field.required else ("yes",), lambda given: False if given else None),
        i.tick("personal", _("Personal data: erased with the customer"), ("personal",), value=field.personal),
        t.words("help", _("Help"), ("help",), field.help, both=both),
    ]  # fmt: skip
    if field.type in ("choice", "list"):
        found.insert(
            2,
            t.texts(
                "options",
                _("Choices"),
                ("options",),
                [option.label for option in field.options],
                lambda rows: t.coded(rows, codes),
                codes=[option.code for option in field.options],
                both=both,
                hint=_("One a line."),
            ),
        )
    if field.type in ("string", "text", "phone", "email", "url"):
        found.append(
            i.plain(
                "pattern",
                _("Pattern"),
                ("pattern",),
                field.pattern,
                hint=_(r"A regular expression, such as INV-\d+"),
                more=True,
            )
        )
    if field.type == "money":
        found.append(i.plain("currency", _("Currency"), ("currency",), field.currency, hint=_("Such as IDR.")))  # fmt: skip
    limits = (("min", _("At least")), ("max", _("At most")))
    if field.type in ("int", "number", "money", "string", "text"):
        for key, label in (
            limits if field.type not in ("string", "text") else (("max", _("At most so many characters")),)
        ):
            value = getattr(field, key)
            found.append(
                i.Input(
                    key,
                    label,
                    "text",
                    (key,),
                    ("" if value is None else f"{value:g}" if isinstance(value, float) else str(value),),
                    _amount,
                    more=field.type in ("string", "text"),
                )
            )
    return found


def _amount(given: tuple[str, ...]) -> Any:
    if not given[0]:
        return None
    try:
        value = float(given[0])
    except ValueError:
        raise i.WrongAnswer(_("“%(value)s” is no number. Write 5000000.", value=given[0])) from None
    return int(value) if value == int(value) else value
