"""Texts out of Markdown and HTML. Pure."""

import re

_HEADING = re.compile(r"(?m)^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$")
_EMPHASIS = re.compile(r"(\*\*|__|(?<![\w*])\*(?=\S)|(?<![\w_])_(?=\S))(.+?)(?<=\S)(?:\1)(?!\w)")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_RULE = re.compile(r"(?m)^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")


def from_markdown(text: str) -> tuple[str, str | None]:
    """The words of a Markdown text, and its title: the one heading of the first level, if it comes first.

    Taken away: the marks of headings, emphasis, links (their text stays), rules. All else stays as it is.
    """
    title = re.match(r"\s*#[ \t]+(.*?)[ \t]*#*[ \t]*(?:\n|\Z)", text)
    bare = _RULE.sub("", _LINK.sub(r"\1", text))
    bare = _HEADING.sub(r"\n\1\n", bare)
    bare = _EMPHASIS.sub(r"\2", bare)
    name = None
    if title:
        name = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", title.group(1)))
    return bare, name


def from_html(page: str) -> tuple[str, dict[str, str]]:
    """The main text of an HTML page, found by trafilatura, and what the page states of itself; empty without a main text."""
    import trafilatura

    extracted = trafilatura.bare_extraction(page, include_comments=False, include_tables=False, with_metadata=True)
    if extracted is None:
        return "", {}
    found = extracted if isinstance(extracted, dict) else extracted.as_dict()
    facts = {"title": found["title"], "date": found["date"], "url": found["url"], "publisher": found["sitename"]}
    text = "\n\n".join(line for line in (found["text"] or "").split("\n") if line.strip())
    return text, {name: str(value) for name, value in facts.items() if value}
