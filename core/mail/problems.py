"""What was wrong with a mail, in words for the agent who sees the ticket."""

from __future__ import annotations

from core.texts import N_, _

PROBLEMS: dict[str, str] = {
    "unreadable": N_("This is not a readable mail. The original is attached."),
    "empty": N_("The mail was empty."),
    "no_sender": N_("The mail does not say who wrote it."),
    "several_senders": N_("The mail names several senders; the first is taken."),
    "bad_date": N_("The mail's date cannot be read; the time of arrival is taken."),
    "no_date": N_("The mail has no date; the time of arrival is taken."),
    "charset": N_("The mail does not say correctly which letters it uses; they were guessed."),
    "tnef": N_(
        "The mail's files are packed in winmail.dat, a format of Outlook. Ask for them as ordinary attachments."
    ),
    "encrypted": N_("The mail is encrypted; the desk cannot read it. Ask for it without encryption."),
    "broken_structure": N_("The mail's parts are broken; some may be missing. The original is attached."),
    "too_many_parts": N_("The mail has more than 500 parts; the rest is only in the original."),
    "too_deep": N_("The mail's parts are nested too deeply; the inner ones are attached as they are."),
    "too_many_headers": N_("The mail has too many header lines; only the first were read."),
    "text_cut": N_("The text is very long; the end of it is only in the original."),
}


def problem_text(code: str) -> str:
    """The problem in the reader's language; an unknown code as it is."""
    return _(PROBLEMS[code]) if code in PROBLEMS else code
