"""Does a document hold a password, a key or a token? Those belong into a plugin's settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.sop.nodes import Items, Pairs, Scalar
from core.texts import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.sop.nodes import Node
    from core.sop.problems import Problems

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (N_("a private key"), re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----")),
    (N_("an access key"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (N_("an API key"), re.compile(r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_][A-Za-z0-9_-]{12,}")),
    (N_("an API key"), re.compile(r"\bAIza[0-9A-Za-z_-]{30,}")),
    (
        N_("an access token"),
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|xox[abprs]-[\w-]{10,})"),
    ),
    (N_("an access token"), re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{4,}")),
    (N_("an access token"), re.compile(r"\b(?:Bearer|Basic)\s+(?=[\w.+/-]*\d)[\w.+/-]{16,}={0,2}")),
    (N_("a password in an address"), re.compile(r"\b[a-z][a-z0-9+]{1,15}://[^\s/:@${}]{1,64}:[^\s/:@${}]{3,64}@")),
    (
        N_("a password or key"),
        re.compile(
            r"(?i)\b(?:password|passwd|kata sandi|api[ _-]?key|secret|token)\s?[:=]\s?['\"]?"
            r"(?=[^\s'\"]{0,60}\d)(?=[^\s'\"]{0,60}[a-z])[^\s'\"${}]{8,64}"
        ),
    ),
)
_KEY = re.compile(
    r"(?i)(?:^|[_-])(password|passwd|pwd|secret|api_?key|apikey|access_?key|private_?key|token|authorization)$"
)


def find_secrets(node: Node, problems: Problems) -> None:
    """Note every scalar that looks like a secret."""
    for scalar, key in _scalars(node):
        text = scalar.text
        for what, shape in _SHAPES:
            if found := shape.search(text):
                problems.within("secret", scalar, found.start(), found.end(), what=_(what))
                break
        else:
            if _KEY.search(key) and _like_a_secret(scalar):
                problems.add("secret", scalar, what=_("a password or key"))


def _like_a_secret(scalar: Scalar) -> bool:
    """One word, with a digit in it or long, and not filled in later."""
    text = scalar.text.strip()
    mixed = any(mark.isdigit() for mark in text) or len(text) >= 16
    return isinstance(scalar.value, str) and len(text) >= 6 and mixed and "${" not in text and " " not in text


def _scalars(root: Node) -> Iterator[tuple[Scalar, str]]:
    """Every scalar value of a document, with the key it stands behind."""
    stack: list[tuple[Node, str]] = [(root, "")]
    while stack:
        node, key = stack.pop()
        match node:
            case Scalar():
                yield node, key
            case Items(items=items):
                stack += [(item, key) for item in items]
            case Pairs(pairs=pairs):
                stack += [(value, name.text) for name, value in pairs]
