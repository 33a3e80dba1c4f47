"""Purpose-made e-mail templates in both languages, for procedures to send: being worked on, developed and tested, shipped, waiting, late, escalated.

Each text is a file `texts/NAME.LANGUAGE.md`: its first line is the subject. The firm edits its own copies in the studio.
"""

from __future__ import annotations

from pathlib import Path

import estafet

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "id")
TITLES = {
    "being_worked_on": {"en": "being worked on", "id": "sedang dikerjakan"},
    "in_development": {"en": "being developed and tested", "id": "sedang dikembangkan dan diuji"},
    "shipping_detail": {"en": "shipping detail", "id": "rincian pengiriman"},
    "waiting_for_you": {"en": "waiting for you", "id": "menunggu pelanggan"},
    "late": {"en": "later than promised", "id": "lebih lama dari janji"},
    "escalation": {"en": "escalation", "id": "eskalasi"},
}
PLACEHOLDERS = {
    "in_development": {"version": "the version that will have it", "date": "when it is expected"},
    "shipping_detail": {
        "courier": "who brings it",
        "tracking": "the tracking number",
        "date": "when it arrives",
        "address": "where it goes",
    },
    "waiting_for_you": {"date": "until when you wait"},
    "late": {"reason": "why it takes longer", "date": "the new date"},
}
FOR_COLLEAGUES = ("escalation",)


@estafet.hookimpl
def register_templates() -> list[estafet.Template]:
    """All of them, read from their files."""
    return [_template(name) for name in TITLES]


def _template(name: str) -> estafet.Template:
    subjects, texts = {}, {}
    for language in LANGUAGES:
        whole = (TEXTS / f"{name}.{language}.md").read_text("utf-8")
        subject, _, text = whole.partition("\n")
        subjects[language], texts[language] = subject.strip(), text.strip() + "\n"
    return estafet.Template(
        name,
        TITLES[name],
        subjects,
        texts,
        placeholders=PLACEHOLDERS.get(name, {}),
        audience="colleague" if name in FOR_COLLEAGUES else "customer",
    )
