"""Every sentence the checker of SOPs can say, by code. `docs/sop_messages.md` shows a document that causes each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.messages_meaning import MEANING
from core.texts import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

_YAML: dict[str, str] = {
    "yaml": N_(
        "this is no valid YAML here: %(why)s. Check the indentation and the colons of this line and the one before it."
    ),
    "yaml-tab": N_("a tab stands in the indentation. YAML indents with spaces only: replace it by two spaces."),
    "yaml-character": N_("the character %(found)s cannot stand in a document. Delete it."),
    "yaml-tag": N_(
        "'%(found)s' begins with an exclamation mark, which YAML takes for a tag. Put it in quotes: %(right)s."
    ),
    "yaml-expression": N_(
        "this expression holds a bracket, a comma or ': ', which end a value inside {…}. Put it in quotes: %(right)s."
    ),
    "yaml-flow-text": N_("a text inside {…} ends at a comma, a bracket or ': '. Put it in quotes: %(right)s."),
    "yaml-after-quote": N_(
        "the value goes on behind its closing quotation mark. Put the whole of it in quotes: %(right)s."
    ),
    "yaml-start": N_("a text cannot begin with %(found)s. Put it in quotes: %(right)s."),
    "yaml-stray": N_("this '%(found)s' closes nothing. Delete it, or put the text around it in quotes."),
    "yaml-colon": N_("': ' inside a text starts a new mapping. Put the text in quotes: %(right)s."),
    "yaml-backslash": N_("a backslash in double quotes begins an escape. Write the text in single quotes: %(right)s."),
    "yaml-who": N_("a person is written without a space after the colon: write %(right)s."),
    "yaml-unclosed": N_("the %(found)s that opens here is never closed."),
    "yaml-quote": N_("the quotation mark that opens here is never closed."),
    "yaml-indent": N_(
        "this line is indented differently from the lines it belongs to. Give it the same number of spaces."
    ),
    "yaml-colon-missing": N_("'%(found)s' has no ':' behind it. A key is followed by a colon and a space."),
    "anchor": N_(
        "'&%(found)s' is an anchor, which SOPs do not use. If it is text, put it in quotes; else write the value out."
    ),
    "alias": N_(
        "'*%(found)s' is an alias, which SOPs do not use: write the value out where it stands. If it is text, put it in quotes."
    ),
    "tag": N_("'%(found)s' is a YAML tag, which SOPs do not use. If it is an expression or a text, put it in quotes."),
    "merge-key": N_("'<<' merges mappings, which SOPs do not use: write the keys out."),
    "directive": N_("'%%' directives are not used in SOPs: delete this line."),
    "second-document": N_(
        "a second document begins here. One file holds one SOP: delete the '---' and what follows, or make it a file."
    ),
    "double-key": N_("'%(found)s' stands twice in the same mapping; the first is in line %(first)s. Keep one of them."),
    "key-not-text": N_("a key must be a plain word."),
    "too-large": N_(
        "the document has %(given)s kB; %(most)s kB are allowed. Move parts into SOPs of their own and run them."
    ),
    "too-deep-yaml": N_("brackets and indentation are nested more than %(most)s levels deep."),
    "list-long": N_(
        "a list or mapping here has more than %(most)s entries. Move parts into SOPs of their own and run them."
    ),
    "too-many-words": N_(
        "the document has more than %(most)s words and lists. Move parts into SOPs of their own and run them."
    ),
}

_SHAPE: dict[str, str] = {
    "empty-document": N_("the document is empty. It needs at least 'sop: NAME' and 'do: [a step]'."),
    "not-a-document": N_("an SOP is a mapping that begins with 'sop: NAME' and has 'do: [steps]'."),
    "sop-name": N_("'%(found)s' is no name of an SOP: lower-case letters, digits and single hyphens are allowed, as in password-reset."),
    "unknown-key": N_("unknown key '%(key)s'."),
    "unknown-key-list": N_("unknown key '%(key)s'. Known here: %(keys)s."),
    "missing-key": N_("%(what)s needs '%(key)s'."),
    "misplaced-key": N_("'%(key)s' does not belong to %(kind)s: it is a key of %(owner)s."),
    "key-inside": N_("'%(key)s' belongs inside %(kind)s: {…}, not beside it. Indent it further."),
    "want-mapping": N_("%(what)s must be a mapping with the keys %(keys)s."),
    "want-mapping-any": N_("%(what)s must be a mapping: 'name: value', indented below it or in {…}."),
    "want-list": N_("%(what)s must be a list: items with '- ' before them, or in […]."),
    "want-steps": N_("%(what)s must be a list of steps, each with '- ' before it."),
    "want-text": N_("%(what)s must be a text."),
    "want-boolean": N_("%(what)s must be true or false, not '%(found)s'."),
    "want-number": N_("%(what)s must be a whole number, not '%(found)s'."),
    "number-separators": N_("'%(found)s' is no number here: numbers have no separators. Write %(right)s."),
    "want-languages": N_("%(what)s is a text, or a text for each language as in {id: …, en: …}; '%(found)s' is no language."),
    "want-expression": N_("%(what)s must be an expression. If it begins with { or [, put it in quotes."),
    "one-of": N_("%(what)s: '%(found)s' is not known. Known: %(known)s."),
    "name-form": N_("%(what)s has lower-case letters, digits and underscores and begins with a letter; '%(found)s' does not."),
    "empty-list": N_("%(what)s is empty."),
    "double-choice": N_("the choice '%(found)s' stands twice."),
    "choice-taken": N_("'%(found)s' cannot be a choice: it is an outcome every step can have."),
    "who": N_("%(what)s: '%(found)s' names nobody. Write customer, requester, assignee, lead, manager, watchers, team:X, role:X, agent:X,"
              " skill:X, department:X, mailto:a@b, or ${…}."),
    "who-space": N_("a person or group is written without a space after the colon: write %(right)s."),
    "duration": N_("%(what)s: '%(found)s' is no duration. Write PT2H for hours, PT30M for minutes, P3D for days, {business: PT2H} for"
                   " opening time."),
    "duration-fraction": N_("%(what)s: '%(found)s' has a fraction. Write whole numbers of a smaller unit, as PT90M for one and a half hours."),
    "duration-too-long": N_("%(what)s: '%(found)s' is longer than ten years."),
    "business-weeks": N_("%(what)s: '%(found)s' is business time in weeks or months, which has no fixed meaning. Write working days, as P5D."),
    "before-or-after": N_("a reminder has either 'before' (the due moment) or 'after' (the opening of the step)."),
    "before-without-due": N_("'before' counts back from the due moment, and there is none: add 'due', or write 'after'."),
    "timeout-then": N_("timeout needs 'then': where the flow goes when the time is over."),
    "want-hole": N_("%(what)s is a moment out of the ticket: write \"%(right)s\"."),
    "expr-wrapped": N_("%(what)s is an expression already: write it without ${ and }: %(right)s."),
    "want-route": N_("where the outcome '%(what)s' goes is written with 'then': %(right)s."),
    "reserved-name": N_("a step cannot be named '%(found)s': the word has a meaning behind 'then'."),
    "double-step": N_("there is another step '%(found)s' in line %(first)s. Names are unique in a document."),
    "want-step": N_("a step is a text, or a name with a mapping: '- verify: {task: Check the invoice}'."),
    "step-text-colon": N_("'%(found)s: …' is read as a name with a value. If it is the text of a task, put the whole line in quotes."),
    "step-text": N_("a step's name is followed by what it does. Write %(right)s."),
    "empty-step": N_("the step says nothing. Indent its keys further than its name."),
    "step-indent": N_("'%(key)s' stands beside '%(name)s' and not in it. Indent it by four spaces more than the '-'."),
    "step-nameless": N_("a step begins with its name: '- NAME:' and then '%(key)s' indented below it."),
    "step-crowded": N_("one item holds one step, and here '%(key)s' stands beside '%(name)s'. Put '- ' before it, or indent it."),
    "no-kind": N_("nothing says what the step does. Give it one of %(kinds)s, or 'then' to jump."),
    "two-kinds": N_("a step does one thing, and here are '%(first)s' and '%(second)s'. Make two steps of it."),
    "else-last": N_("'else' must be the last row of a switch."),
    "else-alone": N_("'else' stands alone in its row and holds the list of steps: '- else: [steps]'."),
    "do-or-then": N_("write either 'do' (a list of steps) or 'then' (where to go) here."),
    "join-number": N_("join: %(found)s branches can never be reached: there are %(branches)s."),
    "set-property": N_("'%(found)s' of a ticket cannot be set. These can: %(known)s."),
    "set-name": N_("'%(found)s' cannot be set: write ticket.PROPERTY or vars.NAME."),
    "wait-both": N_("wait has either 'event' or 'until'. Make two steps of it, or a fork."),
    "wait-if": N_("'if' in a wait looks at an event: give it an 'event', or write 'until'."),
    "sop-or-ticket": N_("run has either 'sop' (another procedure) or 'ticket' (a child ticket)."),
    "field-key": N_("'%(key)s' does not fit a field of type %(type)s; it is for %(types)s."),
    "currency": N_("'%(found)s' is no currency: write its three letters, as IDR."),
    "pattern": N_("'%(found)s' is no regular expression (RE2): %(why)s."),
    "too-many-steps": N_("the document has at least %(given)s steps; %(most)s are allowed. Move parts into SOPs of their own and run them."),
    "too-deep": N_("lists of steps are nested more than %(most)s levels deep. Move the inner ones into an SOP of their own and run it."),
    "too-many-fields": N_("the document has %(given)s fields; %(most)s are allowed."),
}  # fmt: skip

MESSAGES: dict[str, str] = {**_YAML, **_SHAPE, **MEANING}


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """The sentence of a code in the reader's language."""
    return _(MESSAGES[code], **(values or {"nothing": ""}))
