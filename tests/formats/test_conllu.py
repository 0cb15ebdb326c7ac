"""CoNLL-U: the text comes back with its white space, flat entities with it, and the rest is told."""

from collections import Counter

import pytest
from hypothesis import given

from release.corpora import minister
from release.strategies import drafts
from standoff.corpus.model import AnnotationSet, Document
from standoff.formats import conllu
from standoff.formats.foreign import Foreign

DROPPED = {"discontinuous", "nested", "unaligned", "crossing", "outside", "label"}


def read(content: str) -> list[Foreign]:
    return [found for found in conllu.read(content.split("\n"), "f", "f") if isinstance(found, Foreign)]


@given(drafts())
def test_text_and_flat_entities_come_back_and_the_rest_is_told(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, (annotations, *_) = drawn
    written = conllu.write(document, annotations, conllu.Layout())
    dropped = [loss.place for loss in written.losses if loss.reason in DROPPED]
    assert len(dropped) == len(set(dropped))
    kept = [span for span in annotations.spans if span.id not in dropped]
    (foreign,) = read(written.content)
    assert foreign.text == document.text
    assert foreign.losses == []
    assert foreign.name == document.id
    stated = sorted((span.label, *span.extents[0]) for span in foreign.spans)
    assert stated == sorted((span.label, span.start, span.end) for span in kept)
    told = Counter(loss.reason for loss in written.losses if loss.reason not in DROPPED | {"sentence"})
    fields = {
        name: sum(getattr(span, name) not in (None, {}) for span in annotations.spans)
        for name in ("attributes", "note", "score", "by")
    }
    assert told == Counter({**fields, "relation": len(annotations.relations)})


def test_a_minister() -> None:
    draft = minister()
    written = conllu.write(draft.document, draft.set(), conllu.Layout())
    lines = written.content.split("\n")
    assert lines[0] == f"# newdoc id = {draft.document.id}"
    assert lines[3:6] == [
        "1\t😀" + "\t_" * 8,
        "2\tDen" + "\t_" * 7 + "\tNER=B-GPE",
        "3\tHaag" + "\t_" * 7 + "\tNER=I-GPE|SpaceAfter=No",
    ]


UD = """# newdoc id = weblog-1
# newpar
# text = Vámonos al mar .
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_
3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_
4\tel\tel\tDET\t_\t_\t5\tdet\t_\tNER=B-LOC
5\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tNER=I-LOC
5.1\tnada\t_\t_\t_\t_\t_\t_\t_\t_
6\t.\t.\tPUNCT\t_\t_\t1\tpunct\t_\t_

# newpar
# text = Otra cosa
1\tOtra\t_\t_\t_\t_\t_\t_\t_\t_
2\tvez\t_\t_\t_\t_\t_\t_\t_\tGloss=time

1\tbroken line

# newdoc
1\tFin\t_\t_\t_\t_\t_\t_\t_\t_
"""


def test_universal_dependencies() -> None:
    one, two = read(UD)
    assert (one.name, two.name) == ("weblog-1", "f-00002")
    assert one.text == "Vámonos al mar .\n\nOtra vez"
    assert [(span.label, span.surface) for span in one.spans] == [("LOC", "al mar")]
    assert [(loss.kind, loss.reason, loss.place) for loss in one.losses] == [
        ("repaired", "text", "f:14"),
        ("refused", "sentence", "f:19"),
    ]
    assert "or import columns of tokens and tags as `conll`" in one.losses[1].message
    counts = Counter(one.left_out)
    assert (counts["upos"], counts["empty node"], counts["MISC Gloss"]) == (6, 1, 1)
    assert (two.text, two.annotated) == ("Fin", False)


@pytest.mark.parametrize(
    ("line", "kept"),
    [("1\tbroken", False), ("1\t\t_\t_\t_\t_\t_\t_\t_\t_", False), ("\tx\t_\t_\t_\t_\t_\t_\t_\t_", False),
     ("1\tx\t\t\t\t\t\t\t\t", False), ("1\tx\t_\t_\t_\t_\t_\t_\t_\t", True)],
)  # fmt: skip
def test_a_sentence_that_is_refused_begins_its_document_all_the_same(line: str, kept: bool) -> None:
    plain = "1\t{}\t_\t_\t_\t_\t_\t_\t_\t_\n\n".format
    one, two = read(f"# newdoc id = a\n{plain('Een')}# newdoc id = b\n{line}\n\n{plain('Twee')}")
    assert (one.name, one.text) == ("a", "Een")
    assert (two.name, two.text) == ("b", "x Twee" if kept else "Twee")
    assert [loss.reason for loss in two.losses] == ([] if kept else ["sentence"])


@pytest.mark.parametrize("blank", ["\n\n", " ", ""])
def test_white_space_between_sentences(blank: str) -> None:
    escaped = blank.replace("\n", "\\n").replace(" ", "\\s")
    misc = f"SpacesAfter={escaped}" if blank else "SpaceAfter=No"
    lines = "1\tA" + "\t_" * 7 + f"\t{misc}\n\n1\tB" + "\t_" * 8
    (foreign,) = read(lines)
    assert foreign.text == f"A{blank}B"
