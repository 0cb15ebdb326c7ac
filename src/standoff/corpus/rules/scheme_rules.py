"""What a scheme's `[rules]` forbid beyond labels and values: driven by its data, whatever the labels are called. Pure."""

import re
from collections.abc import Iterable, Iterator

from standoff.corpus.model import Span
from standoff.corpus.rules.base import Finding, SetContext

_OPENING = {'"': '"', "“": '”"', "„": '”“"', "«": "»", "»": "«", "‘": "’", "‚": "‘’", "'": "'"}
# An apostrophe stands inside a word or begins a clipped one ('s, 't, zo'n, foto's); a quotation mark does not.
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)|(?<!\w)['’‘](?=[stnmkd]\b)|(?<=[aiouysxz])['’](?!\w)", re.IGNORECASE)
_WORD = re.compile(r"\w")
_MARK = re.compile(r"[\"“”„«»‘’‚']")


def quotation_type(context: SetContext) -> Iterator[Finding]:
    """A quote's type follows from the quotation marks in its content: all words within them, none, or some."""
    for rule in context.scheme.scheme.rules.quotation:
        wanted = {rule.direct: "all", rule.indirect: "none", rule.mixed: "some"}
        names = {"all": rule.direct, "none": rule.indirect, "some": rule.mixed}
        for place, span in _with(context, rule.labels):
            stated = wanted.get(span.attributes.get(rule.attribute, ""))
            found = _quoted([piece.text for piece in span.fragments])
            if stated is not None and stated != found:
                marks = {
                    "all": "all of it stands within quotation marks",
                    "none": "no quotation marks stand in it",
                    "some": "a part of it stands within quotation marks",
                }
                yield Finding(
                    f"/spans/{place}/attributes/{rule.attribute}",
                    f"{span.attributes[rule.attribute]!r}, but {marks[found]}: make it {names[found]!r}, or correct the extent",
                )


def nested_values(context: SetContext) -> Iterator[Finding]:
    """A span with one of these labels (values: dates, numbers ...) does not stand inside another with one of them."""
    for rule in context.scheme.scheme.rules.flat:
        spans = sorted(_with(context, rule.labels), key=lambda item: (item[1].start, -item[1].end))
        outer: list[tuple[int, Span]] = []
        for place, span in spans:
            outer = [item for item in outer if item[1].end > span.start]
            for _, other in outer:
                if _inside(span, other) or _inside(other, span):
                    yield Finding(
                        f"/spans/{place}",
                        f"{span.label} {span.text!r} and {other.label} {other.text!r} ({other.id}) stand in one another; keep the outer one",
                    )
                    break
            outer.append((place, span))


def exclusive_labels(context: SetContext) -> Iterator[Finding]:
    """Spans that exclude one another (a quote's cue and an event's trigger) have no words in common."""
    for rule in context.scheme.scheme.rules.exclusive:
        excluded = _with(context, rule.labels)
        taken = {
            at: place for place, span in excluded for piece in span.fragments for at in range(piece.start, piece.end)
        }
        if not taken:
            continue
        for _, other in _with(context, rule.others):
            for piece in other.fragments:
                shared = taken.keys() & range(piece.start, piece.end)
                if shared:
                    at = min(shared)
                    span = context.spans[taken[at]]
                    yield Finding(
                        f"/spans/{taken[at]}",
                        f"{span.label} {span.text!r} has words in common with {other.label} {other.text!r} ({other.id});"
                        " keep one of them",
                    )
                    break


def entity_attributes(context: SetContext) -> Iterator[Finding]:
    """Spans that stand for one thing (one value of `entity`) agree on what is known of it (`kb_id`)."""
    for rule in context.scheme.scheme.rules.same:
        for name in rule.attributes:
            first: dict[str, tuple[str, str]] = {}
            for place, span in enumerate(context.spans):
                key, value = span.attributes.get(rule.key), span.attributes.get(name)
                if key is None or value is None:
                    continue
                other, id_ = first.setdefault(key, (value, span.id))
                if other != value:
                    yield Finding(
                        f"/spans/{place}/attributes/{name}",
                        f"{rule.key} {key!r} has {name} {value!r} here and {other!r} in {id_}; make them equal",
                    )


def entity_attributes_everywhere(context: SetContext) -> Iterator[Finding]:
    """What is known of one thing (`kb_id`) is stated at each of its mentions."""
    for rule in context.scheme.scheme.rules.same:
        for name in rule.attributes:
            known = {
                span.attributes[rule.key]: span.attributes[name]
                for span in context.spans
                if rule.key in span.attributes and name in span.attributes
            }
            for place, span in enumerate(context.spans):
                key = span.attributes.get(rule.key)
                if key in known and name not in span.attributes:
                    yield Finding(
                        f"/spans/{place}/attributes",
                        f"{rule.key} {key!r} has {name} {known[key]!r} at another mention; state it here too",
                    )


def _with(context: SetContext, labels: Iterable[str]) -> list[tuple[int, Span]]:
    wanted = frozenset(context.scheme.expand(tuple(labels)))
    return [(place, context.spans[place]) for place, label in enumerate(context.labels) if label in wanted]


def _inside(inner: Span, outer: Span) -> bool:
    return all(any(o.start <= i.start and i.end <= o.end for o in outer.fragments) for i in inner.fragments)


def _quoted(pieces: list[str]) -> str:
    """`all`, `none` or `some`: how much of the words stands within quotation marks, which may go on from piece to piece."""
    closers = ""
    marks = inside = outside = False
    for piece in pieces:
        if _MARK.search(piece) is None:
            inside, outside = inside or bool(closers), outside or not closers
            continue
        apostrophes = {match.start() for match in _APOSTROPHE.finditer(piece)}
        at = 0
        for mark in _MARK.finditer(piece):
            place, character = mark.start(), mark.group()
            opens = not closers and character in _OPENING
            if place in apostrophes or not (opens or character in closers):
                continue
            if _WORD.search(piece, at, place):
                inside, outside = inside or bool(closers), outside or not closers
            closers, marks, at = _OPENING[character] if opens else "", True, place + 1
        if _WORD.search(piece, at):
            inside, outside = inside or bool(closers), outside or not closers
    if not marks:
        return "none"
    return "all" if inside and not outside else "some"
