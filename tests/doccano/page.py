"""Doccano's annotation page in a real browser, driven as an annotator does: by mouse, keyboard and what can be seen.

Positions are code points of the text, half-open. They are measured in the drawing, not read from what the page stores.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Locator, Page, Response, ViewportSize

from patience import PATIENCE, until

DRAWN = 12
"""The page draws so many characters of a name, and dots for the rest. Menus show it whole."""
WINDOW: ViewportSize = {"width": 1260, "height": 5000}
"""So narrow that the left menu, which spoils the arcs, stays closed, and so high that every line is drawn."""
_MENU = ".v-menu__content.menuable__content__active"
_DIALOG = ".v-dialog--active"
_COMMENTS = 4
"""The toolbar: confirm, filter, order, guideline, comments, automatic labels, bin, shortcuts."""

# The page draws each line of text as one <svg id="svgSTART:END"> with a <text id="START:END">, and in it a <g> for each
# underline. A span's name (a circle and a <text>) stands under the line where the span starts. Lines out of sight are parked far
# above. What an underline, with its round ends, covers are the characters whose middle lies above it.
_READ = """([first, last]) => {
  const length = s => [...s].length, segments = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
  const drawn = [...document.querySelectorAll('#container svg[id^=svg]')]
    .map(svg => ({svg, top: svg.getBoundingClientRect().top, text: svg.querySelector('text[id]')}))
    .filter(line => line.text && line.top > -5000).sort((a, b) => a.top - b.top);
  const lines = [];
  let at = 0, end = 0;
  for (const {svg, text} of drawn) {
    const [from, to] = text.id.split(':').map(Number), content = from === to ? '' : text.textContent;
    const gap = lines.length ? from - end : 0, range = document.createRange(), boxes = [];
    at += gap;
    const wanted = content && first <= at + length(content) && at <= last;
    for (const {segment, index} of wanted ? segments.segment(content) : []) {
      range.setStart(text.firstChild, index);
      range.setEnd(text.firstChild, index + segment.length);
      const box = range.getBoundingClientRect();
      boxes.push({left: box.left, right: box.right, middle: (box.top + box.bottom) / 2, length: length(segment)});
    }
    const underlines = [...(wanted ? svg.querySelectorAll('g > line') : [])].map(line => {
      const cap = Number(line.getAttribute('stroke-width')) / 2, name = line.parentNode.querySelector('g > text');
      const {left, right} = line.getBoundingClientRect();
      let place = at;
      const covered = [];
      for (const box of boxes) {
        const middle = (box.left + box.right) / 2;
        if (left - cap <= middle && middle <= right + cap) covered.push([place, place + box.length]);
        place += box.length;
      }
      const label = name && name.getBoundingClientRect();
      const point = name && [label.left + Math.min(12, label.width / 2), (label.top + label.bottom) / 2];
      return {
        name: name && name.textContent, covered, point,
        free: !!name && document.elementFromPoint(...point) === name,
      };
    });
    lines.push({text: content, newlines: gap, start: at, end: at + length(content), boxes, underlines});
    at += length(content);
    end = to;
  }
  return lines;
}"""

# After two frames the page has drawn what it was about to, however slow it is.
_DRAWING = """new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
  done([...document.querySelectorAll('main, .v-menu__content, .v-dialog')].map(e => e.outerHTML).join()))))"""
_BOTTOM = "Math.max(...[...document.querySelectorAll('#container, main .row > div > *')].map(e => e.getBoundingClientRect().bottom + 24))"


class Highlight(NamedTuple):
    """One underline in one line: the name under it as drawn, or None where a span goes on from the line above."""

    start: int
    end: int
    name: str | None


def drawn_name(label: str) -> str:
    """A label as the page draws it under a line."""
    return label if len(label) <= DRAWN else f"{label[:DRAWN]}..."


class AnnotationPage:
    """One window of one user. A change waits until the server has stored it and the page has read it back; whoever looks
    or points waits until the drawing stands still."""

    def __init__(self, page: Page, url: str) -> None:
        page.set_default_timeout(1000 * PATIENCE)
        self._page = page
        self._url = url

    # -- in and out

    @property
    def login_button(self) -> Locator:
        """The button of the form, on the page of `open_login`."""
        return self._page.locator("main button", has_text="Login")

    def open_login(self, username: str, password: str) -> None:
        """Fills the form and leaves it so."""
        self._page.goto(f"{self._url}/auth")
        self._page.locator("input[type=text]").fill(username)
        self._page.locator("input[type=password]").fill(password)

    def log_in(self, username: str, password: str) -> None:
        """Through the form, to the list of projects."""
        self.open_login(username, password)
        self.login_button.click()
        self._page.wait_for_url("**/projects**")

    def open(self, project: int, number: int = 1) -> None:
        """The document at this place of the project's list, from 1."""
        self._page.goto(f"{self._url}/projects/{project}/sequence-labeling?page={number}")
        self._page.wait_for_selector("#container svg text[id]")
        self._settle()

    def close(self) -> None:
        """Closes the window."""
        self._page.close()

    def screenshot(self, path: Path) -> None:
        """What can be seen now, down to the end of the content."""
        self._settle()
        path.parent.mkdir(parents=True, exist_ok=True)
        bottom = self._page.evaluate(_BOTTOM)
        self._page.screenshot(path=path, clip={"x": 0, "y": 0, "width": WINDOW["width"], "height": max(bottom, 600)})

    # -- what can be seen

    def read(self) -> tuple[str, list[Highlight], list[tuple[int, int]]]:
        """The whole text, its underlines in order, and its lines."""
        lines = self._lines()
        highlights = [_highlight(underline) for line in lines for underline in line["underlines"]]
        text = "".join("\n" * line["newlines"] + line["text"] for line in lines)
        return (
            text,
            sorted(highlights, key=lambda one: (one.start, one.end, one.name or "")),
            [(line["start"], line["end"]) for line in lines],
        )

    def relations(self) -> list[str]:
        """The names at the arcs, in order; one that runs over several lines is there once for each."""
        self._settle()
        return sorted(self._page.locator("#container svg[id^=svg] rect + text").all_text_contents())

    # -- spans

    def select(self, start: int, end: int) -> None:
        """Drags the mouse over these characters."""
        lines = self._lines(start, end)
        first, last = _edge(lines, start, right=False), _edge(lines, end, right=True)
        mouse = self._page.mouse
        mouse.move(*first)
        mouse.down()
        mouse.move((first[0] + last[0]) / 2, last[1], steps=4)
        mouse.move(*last, steps=4)
        mouse.up()

    def add_span(self, start: int, end: int, label: str) -> None:
        """Selects the characters and chooses the label in the menu that opens."""
        self.select(start, end)
        self._choose(label, "POST", "spans")

    def relabel(self, start: int, label: str, new: str) -> None:
        """Clicks the name of the span that starts here, and chooses another."""
        self._page.mouse.click(*self._name(start, label))
        self._choose(new, "PATCH", "spans")

    def delete_span(self, start: int, label: str) -> None:
        """Clicks the name with the other button."""
        point = self._name(start, label)
        with self._stored("DELETE", "spans"):
            self._page.mouse.click(*point, button="right")

    # -- relations

    def relate(self, head: tuple[int, str], tail: tuple[int, str], label: str) -> None:
        """Switches to relations, clicks the names of two spans (start and label), chooses, and switches back."""
        self._switch()
        self._page.mouse.click(*self._name(*head))
        self._page.mouse.click(*self._name(*tail))
        self._choose(label, "POST", "relations")
        self._switch()

    # -- the document

    def comment(self, text: str) -> None:
        """Through the dialog of the toolbar."""
        self._page.locator("main .v-btn-toggle .v-btn--icon").nth(_COMMENTS).click()
        dialog = self._page.locator(_DIALOG)
        dialog.locator("textarea[name=CommentInput]").fill(text)
        with self._answered("POST", "comments"):
            dialog.locator("button", has_text="Send").click()
        dialog.locator("button", has_text="Close").click()
        dialog.wait_for(state="hidden")

    def confirm(self) -> None:
        """Enter, which takes a confirmation back when there is one."""
        with self._answered("POST", "states"), self._answered("GET", "metrics/progress"):
            self._page.keyboard.press("Enter")

    # -- the page's own ways

    def _choose(self, label: str, method: str, kind: str) -> None:
        with self._stored(method, kind):
            self._page.locator(f"{_MENU} .v-list-item__title").get_by_text(label, exact=True).first.click()

    def _switch(self) -> None:
        self._page.locator(".v-input--switch .v-input--selection-controls__ripple").first.click()

    def _name(self, start: int, label: str) -> tuple[float, float]:
        """Where to click the name of a span. After an edit the next line can lie over it: loading again mends that."""
        for _ in range(2):
            for underline in (u for line in self._lines(start, start) for u in line["underlines"]):
                if (
                    underline["name"] == drawn_name(label)
                    and _highlight(underline).start == start
                    and underline["free"]
                ):
                    return (underline["point"][0], underline["point"][1])
            self._page.reload()
            self._settle()
        raise LookupError(f"no name {label} under character {start} that a mouse can reach")

    @contextmanager
    def _answered(self, method: str, ending: str) -> Iterator[None]:
        def is_it(response: Response) -> bool:
            path = response.url.partition("?")[0].rstrip("/")
            return response.request.method == method and re.search(f"/{ending}(/[0-9]+)?$", path) is not None

        with self._page.expect_response(is_it) as answer:
            yield
        assert answer.value.ok, f"{method} {answer.value.url}: {answer.value.status}"

    @contextmanager
    def _stored(self, method: str, kind: str) -> Iterator[None]:
        """A change of spans or relations, after which the page reads both again."""
        with ExitStack() as answers:
            answers.enter_context(self._answered("GET", "relations"))
            answers.enter_context(self._answered("GET", "examples/[0-9]+/spans"))
            answers.enter_context(self._answered(method, kind))
            yield

    def _lines(self, first: int = 0, last: int = 2**31) -> list[dict[str, Any]]:
        """The lines as drawn, those between two positions with their characters and underlines."""
        self._settle()
        lines: list[dict[str, Any]] = self._page.evaluate(_READ, [first, last])
        return lines

    def _settle(self) -> None:
        """Waits until three looks at the page see the same."""
        seen: list[str] = []

        def still() -> bool:
            self._page.wait_for_timeout(60 if seen else 0)
            seen.append(self._page.evaluate(_DRAWING))
            return len(seen) > 2 and len(set(seen[-3:])) == 1

        until(still)


def _highlight(underline: dict[str, Any]) -> Highlight:
    covered = underline["covered"]
    assert covered, f"an underline below no character: {underline['name']}"
    assert all(one[1] == next_[0] for one, next_ in pairwise(covered)), covered
    return Highlight(covered[0][0], covered[-1][1], underline["name"])


def _edge(lines: list[dict[str, Any]], position: int, *, right: bool) -> tuple[float, float]:
    """The window's coordinates just inside the character that starts, or with `right` ends, at a position."""
    for line in lines:
        at = line["start"]
        for box in line["boxes"]:
            if position == (at + box["length"] if right else at):
                return (box["right"] - 0.5 if right else box["left"] + 0.5, box["middle"])
            at += box["length"]
    raise LookupError(f"no character at {position} is drawn")
