"""The pages in a real browser, read as a colleague reads them: from disk, by mouse and by keyboard."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Request

from patience import PATIENCE
from standoff.explore.colors import CONTRAST

SEED = "000_31863ef30e6d4108"


_FAINT = """least => {
  const canvas = document.createElement("canvas"), paint = canvas.getContext("2d", { willReadFrequently: true });
  const drawn = color => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const luminance = pixel => {
    const [r, g, b] = pixel.map(value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = node => {
    const pixel = drawn(getComputedStyle(node).backgroundColor);
    return pixel[3] > 250 || !node.parentElement ? pixel : behind(node.parentElement);
  };
  return [...document.querySelectorAll("main *")]
    .filter(node => node.getClientRects().length && !node.closest("svg, .none") && [...node.childNodes].some(one => one.nodeType === 3 && one.data.trim()))
    .filter(node => {
      const [low, high] = [drawn(getComputedStyle(node).color), behind(node)].map(luminance).sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05) < least;
    })
    .map(node => `${node.className}: ${node.textContent}`);
}"""


class Reader:
    """One window. What goes wrong in it is collected, and told when it is closed."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._faults: list[str] = []
        self._site = ""

    def open(self, site: Path, place: str = "#/", *, width: int = 1300, height: int = 900, dark: bool = False) -> None:
        """A page of a site, opened from disk."""
        self._site = site.as_uri()
        self._context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        self.page = self._context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("request", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._faults.append(f"error: {error}"))
        self.page.on("dialog", self._asked)
        self.page.goto(f"{self._site}/index.html{place}")
        self.page.wait_for_selector("#main > div, #main > p.message")

    def close(self) -> None:
        """Closes the window."""
        assert not self.page.evaluate("'hacked' in window"), "a text was run as a script"
        self._context.close()
        assert not self._faults, self._faults

    def keys(self, *keys: str) -> None:
        """Presses keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def point(self, text: str, *, click: bool = False) -> None:
        """Moves the mouse to the first line of the annotated stretch that holds this text."""
        stretch = self.page.locator(".ink", has_text=text).first
        stretch.scroll_into_view_if_needed()
        box = stretch.evaluate("node => node.getClientRects()[0].toJSON()")
        self.page.mouse.move(box["x"] + min(20, box["width"] / 2), box["y"] + 8)
        if click:
            self.page.mouse.down()
            self.page.mouse.up()

    def copied(self, selector: str) -> str:
        """What a selection of the whole element gives."""
        text: str = self.page.eval_on_selector(
            selector, "node => (getSelection().selectAllChildren(node), getSelection().toString())"
        )
        self.page.evaluate("getSelection().removeAllRanges()")
        return text

    def screenshot(self, name: str) -> None:
        """What can be seen now, to look at."""
        self.page.screenshot(path=Path("test-artifacts") / f"explore-{name}.png")

    def entries(self) -> list[str]:
        """Ids of the documents in the list."""
        return self.page.locator(".entry .id").all_text_contents()

    def names(self) -> list[str]:
        """What stands under the spans of the article, in order."""
        drawn: list[str] = self.page.eval_on_selector_all(".tag", "tags => tags.map(tag => tag.dataset.name)")
        return drawn

    def active(self) -> str:
        """The label and text of the card beside the article; empty: none."""
        card = self.page.locator(".card")
        return " ".join(card.locator("header .chip, blockquote").all_text_contents()) if card.count() else ""

    def links(self) -> list[str]:
        """The names at the curves."""
        return sorted(self.page.locator(".links text").all_text_contents())

    def style(self, selector: str, name: str) -> str:
        """A computed style."""
        value: Any = self.page.eval_on_selector(selector, "(node, name) => getComputedStyle(node)[name]", name)
        return str(value)

    def faint(self, least: float = CONTRAST) -> list[str]:
        """Texts that can be seen now and have less contrast with what is behind them: mixed colours are measured as drawn."""
        found: list[str] = self.page.evaluate(_FAINT, least)
        return found

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self._site, "data:")):
            self._faults.append(f"request: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._faults.append(f"console: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self._faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()
