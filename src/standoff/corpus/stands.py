"""Whether an annotation set stands on its document's text, which its readers ask before they trust offsets. Pure."""

from collections import Counter

from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, Document


def misplaced(document: Document, annotations: AnnotationSet, digest: str | None = None) -> str:
    """Why a set's offsets mean nothing in this document's text, for an error message; empty when they mean what they say.

    `digest`: the hash of the text, for those who ask about several sets.
    """
    if annotations.text_sha256 != (digest or sha256(document.text)):
        return "made on another text than the document's"
    text = document.text
    for span in annotations.spans:
        for piece in span.fragments:
            if not piece.text or text[piece.start : piece.end] != piece.text:
                return f"{span.id} is not where it says, {piece.text!r} at {piece.start}:{piece.end}"
    return ""


def id_twice(annotations: AnnotationSet) -> str:
    """The first id that two spans or relations have; empty for none. Whoever holds items by id would lose one."""
    ids = [*(span.id for span in annotations.spans), *(relation.id for relation in annotations.relations)]
    return next((id_ for id_, number in Counter(ids).items() if number > 1), "") if len({*ids}) < len(ids) else ""


def unsound(document: Document, annotations: AnnotationSet) -> str:
    """Why nothing can be said of this set for certain, for an error message; empty when it is `misplaced` nowhere, its ids are
    unique, and its relations lead from and to its spans."""
    if why := misplaced(document, annotations):
        return why
    if twice := id_twice(annotations):
        return f"the id {twice} stands there twice"
    ids = {span.id for span in annotations.spans}
    for relation in annotations.relations:
        if relation.head not in ids or relation.tail not in ids:
            return f"relation {relation.id} has an end that is not there"
    return ""
