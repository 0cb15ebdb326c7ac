"""Decisions follow sets to other names: nothing is asked again, and nothing counts as edited by hand."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adjudicate.opinions import answer_all, several
from adjudicate.test_curated import SIGN, by_the_curator
from release.corpora import REPOSITORY
from score.drafts import NEWS, quotes, sets
from standoff.adjudicate.curated import read_back
from standoff.adjudicate.follow import followed
from standoff.adjudicate.plan import plan
from standoff.adjudicate.result import result
from standoff.corpus.decisions import Decision, Decisions, SpanAnswer
from standoff.corpus.migrate import Renames, renamed
from standoff.corpus.model import AnnotationSet
from standoff.corpus.scheme import SchemeIndex, index, read_scheme

# Some get a new name, and two of relations are exchanged.
RENAMES = Renames(
    {
        "GPE": "PLACE",
        "QUOTE": "CITATION",
        "Conflict.Attack": "Attack",
        "speaker": "cue",
        "cue": "speaker",
        "Place": "Where",
    },
    {"type": "kind", "entity": "referent"},
    {"quotes": "sayings"},
)
BACK = Renames(*({new: old for old, new in names.items()} for names in RENAMES))


def scheme_of(folder: Path) -> SchemeIndex:
    """The Dutch news scheme with those names."""
    text = (REPOSITORY / "corpus" / "scheme.toml").read_text(encoding="utf-8")
    for names in RENAMES:
        for old, new in names.items():
            text = text.replace(f'"{old}"', f'"-{new}"').replace(f'"@{old}', f'"@{new}')
    (folder / "scheme.toml").write_text(text.replace('"-', '"'), encoding="utf-8")
    return index(read_scheme(folder / "scheme.toml"))


with TemporaryDirectory() as temporary:
    SCHEME = scheme_of(Path(temporary))


def follows(annotations: list[AnnotationSet], decisions: list[Decision]) -> None:
    first = annotations[0]
    kept = Decisions(
        document=first.document, annotator="gold", text_sha256=first.text_sha256, decisions=tuple(decisions)
    )
    found = plan(annotations, NEWS, decisions)
    made = result(found, None, kept, NEWS, layers=found.layers)
    kept = replace(kept, written=made.written)
    by_name = {one.annotator: one for one in annotations}
    renamed_by_name = {name: renamed(one, one.scheme, RENAMES) for name, one in by_name.items()}
    gold = made.annotations and renamed(made.annotations, made.annotations.scheme, RENAMES)

    came = followed(kept, gold, renamed_by_name, SCHEME, RENAMES)
    again = plan(renamed_by_name.values(), SCHEME, came.decisions)
    assert (again.questions, again.unused) == ((), ())
    settled = renamed(replace(first, spans=found.spans, relations=found.relations), first.scheme, RENAMES)
    assert (again.spans, set(again.relations)) == (settled.spans, set(settled.relations))
    there = result(again, gold, came, SCHEME, layers=again.layers)
    assert (there.annotations, there.edited, there.written) == (None, (), came.written)
    assert followed(came, gold, renamed_by_name, SCHEME, RENAMES) == came
    assert followed(came, made.annotations, by_name, NEWS, BACK) == kept


def with_own_ids(made: AnnotationSet) -> AnnotationSet:
    def own(id_: str) -> str:
        return f"{made.annotator}{id_}"

    return replace(
        made,
        spans=tuple(replace(span, id=own(span.id)) for span in made.spans),
        relations=tuple(replace(one, id=own(one.id), head=own(one.head), tail=own(one.tail)) for one in made.relations),
    )


@settings(max_examples=60)
@given(several.map(lambda found: [with_own_ids(one) for one in found]), st.data())
def test_nothing_is_asked_again(annotations: list[AnnotationSet], data: st.DataObject) -> None:
    _, decisions = answer_all(annotations, data)
    follows(annotations, decisions)


@settings(max_examples=60)
@given(several.map(lambda found: [with_own_ids(one) for one in found]), sets())
def test_what_a_curator_added_follows_too(annotations: list[AnnotationSet], drawn: AnnotationSet) -> None:
    said = read_back(plan(annotations, NEWS), by_the_curator(drawn), [], NEWS, tuple(NEWS.layers), SIGN, page=False)
    if not said.unresolved:
        follows(annotations, list(said.decisions.values()))


def test_what_was_added_with_a_label_that_the_scheme_lacks_by_now_no_longer_applies() -> None:
    annotations = [replace(quotes(), annotator=name, spans=(), relations=()) for name in ("ann", "ben")]
    said = read_back(plan(annotations, NEWS), quotes(), [], NEWS, tuple(NEWS.layers), SIGN, page=False)
    layers = [replace(one, layers=("entities", "sayings", "events")) for one in annotations]
    moved = [replace(one, layer="sayings") for one in said.decisions.values()]
    found = plan(layers, SCHEME, moved)
    assert {one.taken.label for one in found.unused if isinstance(one.taken, SpanAnswer)} == {"QUOTE"}
    assert {span.label for span in found.spans} == {"SPEAKER", "CUE", "ADDRESSEE"}
