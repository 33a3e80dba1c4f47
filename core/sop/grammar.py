"""The shape of an expression: a subset of CEL, read into a small tree whose nodes know where they stand."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from core.sop.tokens import WORDS_FOR, SyntaxProblem, Token, tokens, unquote
from core.sop.tree import Binary, Choose, Each, Index, Invoke, Literal, Many, Member, Name, Unary

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.sop.tree import Expr

LONGEST = 500  # characters
DEEPEST = 24  # parentheses, lists and calls inside one another
MOST_OPERATORS = 64  # so that no tree is deeper than a call stack
FUNCTIONS = {
    "size": 1,
    "has": 1,
    "duration": 1,
    "date": 1,
    "weekday": 1,
    "hour": 1,
    "open": 1,
    "business_between": 2,
}
METHODS = {"size": 0, "startsWith": 1, "endsWith": 1, "contains": 1, "matches": 1}
MACROS = ("exists", "all")


class _Parser:
    """Recursive descent, one method per level of precedence."""

    def __init__(self, source: str) -> None:
        self.tokens = tokens(source)
        self.at = 0
        self.depth = 0
        self.operators = 0
        self.in_macro = False

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        token = self.here
        if (token.kind == "op" and token.text in texts) or (
            token.kind == "name" and token.text == "in" and "in" in texts
        ):
            return self.take()
        return None

    def expect(self, text: str) -> Token:
        return self.accept(text) or self.refuse(text)

    def refuse(self, expected: str = "") -> NoReturn:
        token = self.here
        if token.kind == "name" and token.text in WORDS_FOR:
            right = WORDS_FOR[token.text]
            raise SyntaxProblem("expr-word-operator", token.start, token.end, right, found=token.text, right=right)
        if (
            token.text == ","
            and self.at
            and self.tokens[self.at - 1].kind == "number"
            and re.fullmatch(r"\d{3}", self.tokens[self.at + 1].text)
        ):
            self.separated()
        if token.kind == "end":
            before = self.tokens[self.at - 1] if self.at else token
            code = "expr-unclosed" if expected in (")", "]") else "expr-ends"
            raise SyntaxProblem(code, before.start, token.end, expected=expected)
        raise SyntaxProblem("expr-unexpected", token.start, token.end, found=token.text)

    def separated(self) -> NoReturn:
        """`5,000,000` is no list: a number with separators."""
        end = self.at
        while self.tokens[end].text == "," and re.fullmatch(r"\d{3}", self.tokens[end + 1].text):
            end += 2
        parts = [token.text for token in self.tokens[self.at - 1 : end]]
        right = "".join(part for part in parts if part != ",")
        start, stop = self.tokens[self.at - 1].start, self.tokens[end - 1].end
        raise SyntaxProblem("number-separators", start, stop, right, found="".join(parts), right=right)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise SyntaxProblem("expr-deep", self.here.start, self.here.end, most=DEEPEST)

    def operate(self, token: Token) -> None:
        self.operators += 1
        if self.operators > MOST_OPERATORS:
            raise SyntaxProblem("expr-operators", token.start, token.end, most=MOST_OPERATORS)

    def whole(self) -> Expr:
        tree = self.choice()
        if self.here.kind != "end":
            self.refuse()
        return tree

    def choice(self) -> Expr:
        self.deeper()
        test = self.either()
        if self.accept("?"):
            yes = self.either()
            self.expect(":")
            no = self.choice()
            test = Choose(test, yes, no, test.start, no.end)
        self.depth -= 1
        return test

    def either(self) -> Expr:
        return self.chain(("||",), self.both)

    def both(self) -> Expr:
        return self.chain(("&&",), self.relation)

    def relation(self) -> Expr:
        return self.chain(("==", "!=", "<=", ">=", "<", ">", "in"), self.sum)

    def sum(self) -> Expr:
        return self.chain(("+", "-"), self.product)

    def product(self) -> Expr:
        return self.chain(("*", "/", "%"), self.unary)

    def chain(self, ops: tuple[str, ...], lower: Callable[[], Expr]) -> Expr:
        left = lower()
        count = 0
        while token := self.accept(*ops):
            self.operate(token)
            right = lower()
            left = Binary(token.text, left, right, token.start, left.start, right.end)
            count += 1
            if ops[0] == "==" and count > 1 and token.text != "in":
                raise SyntaxProblem("expr-chained", token.start, token.end, found=token.text)
        return left

    def unary(self) -> Expr:
        token = self.accept("!", "-")
        if token is None:
            return self.member()
        self.deeper()
        value = self.unary()
        self.depth -= 1
        if (
            token.text == "-"
            and isinstance(value, Literal)
            and isinstance(value.value, (int, Decimal))
            and not isinstance(value.value, bool)
        ):
            return Literal(-value.value, token.start, value.end)
        return Unary(token.text, value, token.start, value.end)

    def member(self) -> Expr:
        tree = self.primary()
        while token := self.accept(".", "["):
            self.operate(token)
            if token.text == "[":
                key = self.choice()
                tree = Index(tree, key, tree.start, self.expect("]").end)
                continue
            name = self.take() if self.here.kind == "name" else self.refuse()
            if self.accept("("):
                tree = self.each(tree, name) if name.text in MACROS else self.method(tree, name)
            else:
                tree = Member(tree, name.text, name.start, tree.start, name.end)
        return tree

    def method(self, of: Expr, name: Token) -> Expr:
        if name.text not in METHODS:
            raise SyntaxProblem("expr-function", name.start, name.end, found=name.text, known=(*METHODS, *MACROS))
        args = self.arguments(name, METHODS[name.text])
        return Invoke(name.text, (of, *args), name.start, of.start, self.tokens[self.at - 1].end)

    def each(self, over: Expr, name: Token) -> Expr:
        if self.in_macro:
            raise SyntaxProblem("expr-nested-macro", name.start, name.end, found=name.text)
        self.in_macro = True
        item = self.take() if self.here.kind == "name" else self.refuse()
        self.expect(",")
        test = self.choice()
        self.in_macro = False
        return Each(name.text, over, item.text, test, over.start, self.expect(")").end)

    def arguments(self, name: Token, count: int) -> tuple[Expr, ...]:
        args: list[Expr] = []
        if not self.accept(")"):
            args.append(self.choice())
            while self.accept(","):
                args.append(self.choice())
            self.expect(")")
        if len(args) != count:
            raise SyntaxProblem(
                "expr-arguments",
                name.start,
                self.tokens[self.at - 1].end,
                function=name.text,
                wanted=count,
                given=len(args),
            )
        return tuple(args)

    def primary(self) -> Expr:
        token = self.here
        if token.kind == "op" and token.text in ("(", "["):
            return self.parenthesis() if token.text == "(" else self.many()
        if token.kind not in ("number", "text", "name") or token.text in ("in", *WORDS_FOR):
            self.refuse()
        self.take()
        if token.kind == "number":
            value: int | Decimal = int(token.text) if token.text.isdigit() else Decimal(token.text)
            if value >= 2**63:
                raise SyntaxProblem("expr-number", token.start, token.end, found=token.text)
            return Literal(value, token.start, token.end)
        if token.kind == "text":
            return Literal(unquote(token), token.start, token.end)
        if token.text in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[token.text], token.start, token.end)
        if self.accept("("):
            return self.call(token)
        return Name(token.text, token.start, token.end)

    def call(self, name: Token) -> Expr:
        if name.text not in FUNCTIONS:
            raise SyntaxProblem("expr-function", name.start, name.end, found=name.text, known=tuple(FUNCTIONS))
        args = self.arguments(name, FUNCTIONS[name.text])
        if name.text == "has" and not isinstance(args[0], Member):
            raise SyntaxProblem("expr-has", args[0].start, args[0].end)
        return Invoke(name.text, args, name.start, name.start, self.tokens[self.at - 1].end)

    def parenthesis(self) -> Expr:
        self.take()
        tree = self.choice()
        self.expect(")")
        return tree

    def many(self) -> Expr:
        start = self.take().start
        items: list[Expr] = []
        while not self.accept("]"):
            items.append(self.choice())
            if not self.accept(","):
                self.expect("]")
                break
        return Many(tuple(items), start, self.tokens[self.at - 1].end)


@lru_cache(maxsize=4096)
def parse(source: str) -> Expr:
    """The tree of an expression; raises SyntaxProblem."""
    if len(source) > LONGEST:
        raise SyntaxProblem("expr-long", 0, len(source), most=LONGEST, given=len(source))
    if not source.strip():
        raise SyntaxProblem("expr-empty", 0, len(source))
    return _Parser(source).whole()


def holes(text: str) -> list[tuple[int, int, str]]:
    """Every `${…}` of a text: where it begins and ends, and the expression inside. Raises SyntaxProblem when one is not closed."""
    found: list[tuple[int, int, str]] = []
    at = text.find("${")
    while at >= 0:
        end = _closing(text, at + 2)
        if end < 0:
            raise SyntaxProblem("expr-open-hole", at, len(text))
        found.append((at, end + 1, text[at + 2 : end]))
        at = text.find("${", end + 1)
    return found


def _closing(text: str, at: int) -> int:
    """Where the `}` stands that ends an expression: not one inside its texts."""
    quote = ""
    while at < len(text):
        mark = text[at]
        if quote:
            if mark == "\\":
                at += 1
            elif mark == quote:
                quote = ""
        elif mark in "\"'":
            quote = mark
        elif mark == "}":
            return at
        at += 1
    return -1
