"""The words of Markdown and HTML, without their markup. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_DEEPEST = 100
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<[^>]*>", re.DOTALL)
_LINE_END = re.compile(" ?\n ?")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


_BLOCKS = ["address", "article", "aside", "blockquote", "br", "dd", "div", "dt", "figcaption", "figure", "footer"]
_BLOCKS += ["h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"]
_BLOCKS += ["table", "td", "th", "tr", "ul"]
# What a reader of the page sees.
_SHOWN = "//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]"


class Words(NamedTuple):
    """Text without markup. `headings` are those that the markup makes, `changes` counts what was taken away, by kind."""

    text: str
    fields: dict[str, str]
    headings: tuple[str, ...] | None
    changes: Mapping[str, int]


class BadMarkup(NamedTuple):
    """Markup that can't be read, and why."""

    detail: str


def from_markdown(text: str) -> Words | BadMarkup:
    """The words of a text in CommonMark. The title is the heading of the first level that it begins with.

    Taken away, and counted: the marks of headings, emphasis, links and images (the words in them stay), quotations, code,
    rules, escapes, HTML tags, and definitions of links. The marks of lists stay.
    """
    environment: dict[str, dict[str, object]] = {}
    try:
        tokens = _markdown().parse(text, environment)
    except RecursionError:
        return BadMarkup("its Markdown is nested too deeply")
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        return BadMarkup("its Markdown is nested too deeply")
    counts = Counter({"markdown_definition": len(environment.get("references", {}))})
    blocks: list[str] = []
    headings: list[str] = []
    title = None
    for place, token in enumerate(tokens):
        _count(token, counts)
        if token.type == "inline":
            words = _inline(token.children or (), counts)
            before = tokens[place - 1]
            if before.type == "heading_open":
                headings.append(words)
                if before.tag == "h1" and place == 1:
                    title = words
            blocks.append(words)
        elif token.type == "list_item_open":
            blocks.append(f"{token.info}{token.markup} ")
        elif token.type in {"fence", "code_block"}:
            blocks.append(token.content)
        elif token.type == "html_block":
            blocks.append(_TAG.sub("", token.content))
        if token.type in {"paragraph_close", "heading_close", "fence", "code_block", "html_block"}:
            blocks.append("\n" if token.hidden else "\n\n")
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            blocks.append("\n")
    return Words("".join(blocks), {"title": title} if title else {}, tuple(headings), +counts)


def from_html(page: str) -> Words:
    """The main text of an HTML page, found by trafilatura, and what the page states of itself; empty without a main text.

    Counted: words of the page that are not in it, and tables, which never are.
    """
    import trafilatura

    tree = trafilatura.load_html(page)
    if tree is None:
        return Words("", {}, None, {})
    shown = sum(len(piece.split()) for piece in tree.xpath(_SHOWN))
    tables = int(tree.xpath("count(//table)"))
    _set_apart(tree)
    # Neither a search for dates in the text nor today's date as the limit: both would be guesses.
    dates = {"original_date": True, "extensive_search": False, "max_date": "2999-12-31"}
    extracted = trafilatura.bare_extraction(
        tree, include_comments=False, include_tables=False, with_metadata=True, date_extraction_params=dates
    )
    if extracted is None:
        return Words("", {}, None, {})
    found = extracted if isinstance(extracted, dict) else extracted.as_dict()
    facts = {"title": found["title"], "date": found["date"], "url": found["url"], "publisher": found["sitename"]}
    parts = [("", found["body"].text or "")]
    for part in found["body"]:
        parts += [(part.tag, _block(part)), ("", part.tail or "")]
    blocks = [(tag, stripped) for tag, words in parts if (stripped := _LINE_END.sub("\n", words).strip())]
    text = "\n\n".join(words for _, words in blocks)
    return Words(
        text,
        {name: str(value) for name, value in facts.items() if value},
        tuple(words for tag, words in blocks if tag == "head") or None,
        +Counter({"html_word_left_out": max(0, shown - len(text.split())), "html_table_left_out": tables}),
    )


def _set_apart(tree: "Element") -> None:
    """Puts spaces around blocks: of short pages trafilatura takes all text together, and words would become one."""
    for block in tree.iter(*_BLOCKS):
        if (parent := block.getparent()) is None:
            continue
        block.tail = f" {block.tail or ''}"
        if (before := block.getprevious()) is not None:
            before.tail = f"{before.tail or ''} "
        else:
            parent.text = f"{parent.text or ''} "


def _block(part: "Element") -> str:
    """The words of a part of what trafilatura extracts: marks of lists stand there again, a line that ends, ends."""
    if part.tag == "lb":
        return "\n"
    words = [part.text or ""]
    for child in part:
        words += [_block(child), child.tail or ""]
    whole = "".join(words)
    if part.tag == "item":
        return f"- {whole.strip()}\n"
    return f"{whole.strip()}\n\n" if part.tag in {"p", "head", "quote", "list"} else whole


def declared_encoding(page: bytes) -> str | None:
    """What an HTML page says its encoding is."""
    match = _DECLARED.search(page, 0, 4096)
    return match.group(1).decode("ascii") if match else None


_COUNTED = {
    "heading_open": "heading",
    "em_open": "emphasis",
    "strong_open": "emphasis",
    "link_open": "link",
    "image": "image",
    "blockquote_open": "quotation",
    "code_inline": "code",
    "code_block": "code",
    "fence": "code",
    "hr": "rule",
    "text_special": "escape",
    "html_block": "html",
    "html_inline": "html",
}


def _count(token: "Token", counts: Counter[str]) -> None:
    if name := _COUNTED.get(token.type):
        counts[f"markdown_{name}"] += 1


def _inline(tokens: "Sequence[Token]", counts: Counter[str]) -> str:
    words = []
    for token in tokens:
        _count(token, counts)
        if token.type in {"softbreak", "hardbreak"}:
            words.append("\n")
        elif token.type == "image":
            words.append(_inline(token.children or (), counts))
        elif token.type != "html_inline":
            words.append(token.content)
        elif token.content[:3].lower() == "<br":
            words.append("\n")
    return "".join(words)


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # Escapes and entities stay tokens of their own, to be counted.
    return MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).disable("text_join")
