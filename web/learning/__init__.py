"""Pages of what is learnt from solved tickets: similar ones, procedures drafted from them, how procedures fare, the glossary."""

from flask import Blueprint

from web.signin import need_person

learning = Blueprint("learning", __name__)
need_person(learning)

from web.learning import drafting, figures, glossary, similar  # noqa: E402  (the views attach themselves to `learning`)

__all__ = ["drafting", "figures", "glossary", "learning", "similar"]
