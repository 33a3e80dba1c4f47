"""Which inputs has the document itself in the outline: its title and rules, and the fields its steps fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.drawing_words import event, say
from core.sop.shapes import suggested_name
from core.studio import inputs as i
from core.studio.conditions import subjects
from core.texts import _

if TYPE_CHECKING:
    from core.sop.document import Field
    from core.studio.inputs import Input, Options
    from core.studio.step_inputs import Surroundings


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
        i.words("title", _("Title"), ("title",), sop.title),
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
        i.time("due", _("The whole is due within"), ("due",), sop.due),
        *(
            i.choose(f"on.{name}", _("When %(event)s", event=event(name)), ("on", name, "then"), routes.get(name, ""), ends, more=name not in routes)
            for name in ("customer.withdrew", "ticket.reopened")
        ),
        i.words("note", _("Note for authors"), ("note",), sop.note, long=True, more=True),
    ]  # fmt: skip


def i_title(name: str) -> str:
    """A step in a list of targets."""
    return name.replace("_", " ").capitalize()


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
    found: dict[str, Any] = {"type": type_ if type_ in dict(types()) else "string", "label": label}
    if found["type"] == "choice":
        found["options"] = [suggested_name(_("yes")), suggested_name(_("no"))]
    return found


def field_inputs(field: Field) -> list[Input]:
    """The inputs of one field; their paths begin inside it."""
    codes = {say(option.label): option.code for option in field.options}

    def options(labels: list[str]) -> Any:
        return {codes.get(label) or suggested_name(label): label for label in labels} or None

    found = [
        i.words("label", _("Name"), ("label",), field.label),
        i.choose("type", _("What is filled in?"), ("type",), field.type, types()),
        i.Input("optional", _("May stay empty"), "check", ("required",), () if field.required else ("yes",), lambda given: False if given else None),
        i.tick("personal", _("Personal data: erased with the customer"), ("personal",), value=field.personal),
        i.words("help", _("Help"), ("help",), field.help),
    ]  # fmt: skip
    if field.type in ("choice", "list"):
        found.insert(2, i.lines("options", _("Choices"), ("options",), list(codes), options, hint=_("One a line.")))
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
    if field.type in ("int", "number", "money"):
        for key, label in (("min", _("At least")), ("max", _("At most"))):
            value = getattr(field, key)
            found.append(
                i.Input(
                    key,
                    label,
                    "text",
                    (key,),
                    ("" if value is None else f"{value:g}" if isinstance(value, float) else str(value),),
                    _amount,
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
