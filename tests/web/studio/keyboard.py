"""A person at the outline with nothing but a keyboard: Tab to where they want to be, the keys of each kind of input, Enter.

The page is only read here (what is where, what stands in it); whatever changes it is a key that was pressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from core.studio.inputs import Input
    from tests.outline_building import Act

# Everything that Tab stops at, in its order; what is folded away or not shown is passed over.
_STOPS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((one) => !one.disabled && one.checkVisibility({visibilityProperty: true})
    && !(one.type === "radio" && !one.checked && document.querySelector(`input[type=radio][name="${one.name}"]:checked`)))"""
_AT = f"""(target) => {{ const stops = ({_STOPS})(), goal = document.querySelector(target);
  return [stops.indexOf(document.activeElement), goal ? stops.indexOf(goal) : -1]; }}"""
_FOLDED = """(target) => { const found = []; const goal = document.querySelector(target);
  for (let up = goal.parentElement.closest("details"); up; up = up.parentElement.closest("details"))
    if (!up.open && goal !== up.querySelector("summary")) found.unshift(up.id);
  return found; }"""


@dataclass
class Keyboard:
    """Presses keys on one page. What it goes to is named by CSS selectors, as somebody would name it by its label."""

    page: Page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at(self, target: str) -> Locator:
        return self.page.locator(target)

    def to(self, target: str) -> None:
        """Unfold what it is folded into, and Tab (or Shift+Tab) until the focus is there."""
        for details in self.page.evaluate(_FOLDED, target):
            self._tab(f'[id="{details}"] > summary')
            self.press("Enter")
            expect(self.at(f'[id="{details}"]')).to_have_attribute("open", "", timeout=60_000)
        self._tab(target)

    def _tab(self, target: str) -> None:
        for _try in range(8):
            here, there = self.page.evaluate(_AT, target)
            assert there >= 0, f"Tab never comes to {target}"
            if here == there:
                return
            if here < 0:
                self.press("Tab")  # from the page itself to its first stop
            else:
                self.press(*(["Tab"] * (there - here) or ["Shift+Tab"] * (here - there)))
        focus = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        raise AssertionError(f"the keyboard does not reach {target}; it is at {focus}")

    def fold(self, details: str) -> None:
        """Close this again, so that less stands in the way."""
        if self.at(f'[id="{details}"]').get_attribute("open") is not None:
            self.to(f'[id="{details}"] > summary')
            self.press("Enter")

    def saved(self) -> None:
        """The page has its answer, and nothing to complain of."""
        expect(self.at("#work:not([aria-busy])")).to_be_attached(timeout=60_000)
        assert self.at("#trouble").inner_text() == ""

    # ---- inputs --------------------------------------------------------------------------------------------------------------

    def write(self, target: str, words: str, *, leave: bool = True) -> None:
        """What stands there gives way to these words; with the next Tab they are saved, while one goes on."""
        if self.at(target).input_value() == words:
            return
        self.to(target)
        self.press("Control+a", "Delete")
        self.page.keyboard.type(words)
        assert self.at(target).input_value() == words, target
        if leave:
            self.press("Tab")

    def choose(self, target: str, code: str, *, leave: bool = True) -> None:
        """An option of a list: its words are typed; where others begin alike, the arrows go there. With the next Tab it is saved."""
        field = self.at(target)
        if field.input_value() == code:
            return
        if field.evaluate("(one) => one.tagName") == "INPUT":  # a list too long to be shown: it is typed
            self.write(target, code)
            return
        self.to(target)
        options = self.at(f"{target} > option").evaluate_all("(all) => all.map((one) => [one.value, one.text])")
        codes = [value for value, _text in options]
        assert code in codes, f"{target} does not offer {code!r} but {codes}"
        self.page.keyboard.type(options[codes.index(code)][1].strip())
        if field.input_value() != code:
            self.press("Home", *["ArrowDown"] * codes.index(code))
        assert field.input_value() == code, (target, field.input_value())
        if leave:
            self.press("Tab")

    def tick(self, target: str, *, on: bool) -> None:
        """A box."""
        if self.at(target).is_checked() != on:
            self.to(target)
            self.press("Space")

    def button(self, target: str) -> None:
        """Go to a button, and press it."""
        self.to(target)
        self.saved()  # what was written before
        self.press("Enter")
        self.saved()


def list_id(where: str) -> str:
    """The id that a list has on the page."""
    return f"l-{where.replace('/', '-')}" if where else "l-main"


@dataclass
class Outliner:
    """Performs the acts of `tests.outline_building` as somebody does who has no mouse."""

    keys: Keyboard

    def do(self, act: Act) -> None:
        given = {name: values[0] for name, values in act.given}
        match act.act:
            case "add":
                self._add(act.about, given)
            case "add_branch":
                self._add_branch(act.about, given.get("words"))
            case "late":
                self._late(act.about or "all", given)
            case "add_field":
                self.keys.choose("#add-field-type", given["type"])
                self.keys.write("#add-field-words", given["words"], leave=False)
                self.keys.button("#add-field-words")
            case "remove":
                self.keys.button(f"#m-{act.about} form:has([name=act][value=remove]) button")
            case "remove_branch":
                self.keys.button(f'form:has([value=remove_branch]):has([name=list][value="{act.about}"]) button')
            case "move":
                self.keys.choose(f"#p-{act.about}", given["place"])
                self.keys.button(f"form:has(#p-{act.about}) button")
            case "document" | "change" | "change_field" | "change_branch":
                self._fill(act)
            case other:
                raise AssertionError(other)

    def _add(self, where: str, given: dict[str, str]) -> None:
        form = f'ol[data-list="{where}"] + form.o-add'
        self.keys.choose(f"{form} [name=kind]", given["kind"])
        if not where:
            self.keys.choose(f"{form} [name=place]", given["place"])
        self.keys.write(f"{form} [name=words]", given["words"], leave=False)
        self.keys.button(f"{form} [name=words]")
        name = str(self.keys.page.evaluate("document.activeElement.id")).removeprefix("s-")
        self._put(where, name, given["place"])
        self.keys.fold(f"d-{name}")

    def _put(self, where: str, name: str, place: str) -> None:
        """Alt and an arrow, until the step stands where it belongs."""
        order = [str(one.get_attribute("data-step")) for one in self.keys.at(f'ol[data-list="{where}"] > li').all()]
        how, _colon, before = place.partition(":")
        others = [one for one in order if one != name]
        wanted = others.index(before) + 1 if how == "after" else 0
        here = order.index(name)
        for _time in range(abs(wanted - here)):
            self.keys.to(f"#s-{name}")
            self.keys.press("Alt+ArrowUp" if wanted < here else "Alt+ArrowDown")
            self.keys.saved()

    def _add_branch(self, step: str, words: str | None) -> None:
        form = f"#d-{step} > .o-acts > form:has([value=add_branch])"
        if words is None:
            self.keys.button(f"{form} button")
        else:
            self.keys.write(f"#b-{step}", words, leave=False)
            self.keys.button(f"#b-{step}")

    def _late(self, step: str, given: dict[str, str]) -> None:
        self.keys.write(f"#ea-{step}", given["after"])
        self.keys.choose(f"#eu-{step}", given["after.unit"])
        self.keys.write(f"#en-{step}", given["name"], leave=False)
        self.keys.button(f"#en-{step}")

    # ---- forms ---------------------------------------------------------------------------------------------------------------

    def _fill(self, act: Act) -> None:
        form = {
            "document": "f-document",
            "change": f"f-{act.about}",
            "change_field": f"f-field-{act.about}",
            "change_branch": f"{list_id(act.about)}-f",
        }[act.act]
        waiting = list(act.inputs)
        while waiting:  # some inputs come with the answer to another
            there = [one for one in waiting if self._is_there(form, one)]
            assert there or not any(any(one.shown) for one in waiting), (form, [one.name for one in waiting])
            for one in there:
                self._input(form, one)
            self.keys.saved()
            waiting = [one for one in waiting if one not in there] if there else []
        if act.act in ("change", "change_field"):
            self.keys.fold(f"d-{act.about}" if act.act == "change" else f"d-field-{act.about}")

    def _is_there(self, form: str, one: Input) -> bool:
        return self.keys.at(f'[id^="{form}-{one.name}"]').count() > 0

    def _input(self, form: str, one: Input) -> None:
        target = f'[id="{form}-{one.name}"]'
        match one.kind:
            case "time":
                parts = zip(("", "-u", "-f"), one.shown, strict=False)
                self._time([(f'[id="{form}-{one.name}{part}"]', value) for part, value in parts])
            case "condition":
                self._condition(f"{form}-{one.name}", one)
            case "check":
                self.keys.tick(target, on=bool(one.shown))
            case "checks":
                self._ticks(f'#{form} [name="{one.name}"]', one.shown)
            case "people":
                self._people(form, one)
            case "select":
                self.keys.choose(target, one.value)
            case "text" | "area":
                self.keys.write(target, one.value)
                if len(one.shown) > 1:
                    self.keys.write(f'[id="{form}-{one.name}-2"]', one.shown[1])
            case other:
                raise AssertionError(f"the outline cannot say {one.label} ({other})")

    def _ticks(self, boxes: str, wanted: tuple[str, ...]) -> None:
        for value in self.keys.at(boxes).evaluate_all("(all) => all.map((one) => one.value)"):
            self.keys.tick(f'{boxes}[value="{value}"]', on=value in wanted)

    def _time(self, parts: list[tuple[str, str]]) -> None:
        (number, value), *units = parts
        self.keys.write(number, value)
        if value:
            for target, code in units:
                self.keys.choose(target, code)

    def _condition(self, target: str, one: Input) -> None:
        if one.expression:
            if self.keys.at(f'[id="{target}"]').count():
                self.keys.write(f'[id="{target}"]', one.expression)
                return
            self.keys.choose(f'[id="{target}-1"]', "=")
            self.keys.write(f'[id="{target}-1-v"]', one.expression)
            return
        tests = [test for test in one.tests if test.what]
        for number, test in enumerate(tests, 1):
            row = f'[id="{target}-{number}'
            self.keys.choose(f'{row}"]', test.what)
            self.keys.choose(f'{row}-o"]', test.op)
            self.keys.write(f'{row}-v"]', test.value)
            self.keys.saved()  # it brings the next row

    def _people(self, form: str, one: Input) -> None:
        def target(number: int) -> str:
            return f'[id="{form}-{one.name}{f"-{number}" if number > 1 else ""}"]'

        for number, code in enumerate(one.shown, 1):
            self.keys.choose(target(number), code)
            self.keys.saved()  # it brings the next list
        while self.keys.at(target(len(one.shown) + 2)).count():
            self.keys.choose(target(len(one.shown) + 1), "")
            self.keys.saved()
