"""Which words does a template have here? The department's own, else the firm's, else a plugin's, else those that come with the product.

Read once and kept in memory until the configuration changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from core import configuration, notices
from core.database import database_of
from core.notices import COLLEAGUE, CUSTOMER, FOR_COLLEAGUES, Wording, Words, filled
from core.plugins.labels import Label, said
from core.schema import Plugin, TemplateVersion
from core.sop.notice_words import notice
from core.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

EVERYWHERE = 0  # the department that stands for all of them
PRODUCT, FIRM = "product", "firm"
_v = TemplateVersion.__table__.c
_p = Plugin.__table__.c
_OFFERED = select(_p.name, _p.offers).where(_p.present).order_by(_p.name)
_NEWEST = (
    select(_v.department_id, _v.name, func.max(_v.number).label("number"))
    .group_by(_v.department_id, _v.name)
    .subquery()
)
_IN_USE = select(TemplateVersion.__table__).join(
    _NEWEST,
    (_NEWEST.c.department_id == _v.department_id) & (_NEWEST.c.name == _v.name) & (_NEWEST.c.number == _v.number),
)


@dataclass(frozen=True, slots=True)
class Template:
    """A template. `origin`: product, firm, or a plugin's name; `number` is the saved version in use, 0 while nobody has changed it.

    `placeholders` are a plugin's further values, with what each one is; `withdrawn` has no words of its own any more.
    """

    name: str
    title: Label
    audience: str
    texts: Mapping[str, Wording]
    origin: str
    number: int = 0
    placeholders: Mapping[str, str] = field(default_factory=dict)

    @property
    def withdrawn(self) -> bool:
        """Are the words behind it used again?"""
        return not self.texts

    def said(self) -> str:
        """Its title for a reader of the current language."""
        return said(self.title) or notice(self.name)


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates. `behind` are the product's and plugins'; `edited` the newest version for each department (0: all) and name."""

    version: int
    behind: Mapping[str, Template]
    edited: Mapping[tuple[int, str], Template]

    def find(self, name: str, department_id: int) -> Template | None:
        """The template that a ticket of this department uses."""
        for where in (department_id, EVERYWHERE):
            own = self.edited.get((where, name))
            if own is not None and not own.withdrawn:
                return own
        return self.behind.get(name)

    def base(self, name: str, department_id: int) -> Template | None:
        """What would be used if this department's own words were withdrawn."""
        return self.behind.get(name) if department_id == EVERYWHERE else self.find(name, EVERYWHERE)

    def names(self, audience: str | None = None) -> frozenset[str]:
        """Every template that some department can use."""
        own = [one for one in self.edited.values() if not one.withdrawn]
        return frozenset(one.name for one in (*self.behind.values(), *own) if audience in {None, one.audience})

    def wording(self, name: str, code: str, department_id: int) -> tuple[Wording, int]:
        """The words in this language (where they lack it, those behind, else another language), and the version they are of (0: nobody's)."""
        chain = [self.find(name, department_id), self.base(name, department_id), self.behind.get(name)]
        known = [one for one in chain if one is not None]
        for one in known:
            if code in one.texts:
                return one.texts[code], one.number
        for one in known:
            for text in one.texts.values():
                return text, one.number
        return notices.wording("update", code), 0

    def render(self, name: str, code: str, department_id: int, values: Mapping[str, Any]) -> tuple[Words, int]:
        """The template in the language `code`, filled, and the version of its words."""
        words, number = self.wording(name, code, department_id)
        return filled(words, code, values), number


_cache: dict[str, Templates] = {}


def templates(tx: Connection) -> Templates:
    """The templates as they are now."""
    version, where = configuration.version(tx), database_of(tx)
    known = _cache.get(where)
    if known is None or known.version != version:
        known = _cache[where] = _read(tx, version)
    return known


def _read(tx: Connection, version: int) -> Templates:
    behind = {name: _product(name) for name in notices.template_names()}
    for plugin, offers in tx.execute(_OFFERED):
        behind |= {one["name"]: of_plugin(plugin, one) for one in offers.get("templates", ())}
    edited = {}
    for row in tx.execute(_IN_USE):
        one, known = template_of(row), behind.get(row.name)
        if known is not None:
            one = replace(one, title=known.title, placeholders=known.placeholders)
        edited[row.department_id, row.name] = one
    return Templates(version, behind, edited)


def template_of(row: Any) -> Template:
    """A saved version as a template."""
    return Template(row.name, row.title, row.audience, wordings(row.texts), FIRM, row.number)


def wordings(texts: Mapping[str, Mapping[str, Any]]) -> dict[str, Wording]:
    """{language: {subject, text, html}} as wordings."""
    return {
        code: Wording(one["subject"], one["text"], one.get("html") or None)
        for code, one in texts.items()
        if code in LANGUAGES
    }


def _product(name: str) -> Template:
    audience = COLLEAGUE if name in FOR_COLLEAGUES else CUSTOMER
    return Template(name, "", audience, {code: notices.wording(name, code) for code in LANGUAGES}, PRODUCT)


def of_plugin(plugin: str, one: Mapping[str, Any]) -> Template:
    """A template as a plugin registered it."""
    html = one.get("html") or {}
    texts = {
        code: {"subject": one["subject"][code], "text": one["text"][code], "html": html.get(code)}
        for code in one["subject"]
        if code in one["text"]
    }
    return Template(
        one["name"], one["title"], one["audience"], wordings(texts), plugin, placeholders=one["placeholders"] or {}
    )
