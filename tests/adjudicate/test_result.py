"""Which layers of a plan are written, and what was edited by hand."""

from msgspec.structs import replace

from release.corpora import Draft
from score.drafts import NEWS, events, quotes
from standoff.adjudicate.plan import plan
from standoff.adjudicate.result import groups, result
from standoff.corpus.decisions import Decisions
from standoff.corpus.model import AnnotationSet, By

LAYERS = ("entities", "quotes", "events")


def decisions(one: AnnotationSet) -> Decisions:
    return Decisions(document=one.document, annotator="gold", text_sha256=one.text_sha256)


def test_layers_that_relations_lead_between_belong_together() -> None:
    assert groups(NEWS) == [frozenset({"entities", "events"}), frozenset({"quotes"})]


def test_an_open_layer_keeps_back_those_it_leans_on() -> None:
    both = [events().set("ann"), events("Conflict.Attack", "Other", "Target", "Genève").set("ben")]
    made = result(plan(both, NEWS), None, decisions(both[0]), NEWS, layers=LAYERS)
    assert made.waiting == ("entities", "events")
    assert made.annotations is not None
    assert made.annotations.layers == ("quotes",)
    assert made.annotations.spans == ()


def test_other_layers_of_the_set_stay_and_keep_their_ids() -> None:
    left, right = (replace(quotes(), annotator=name) for name in ("ann", "ben"))
    draft = Draft("a", *events().document.text.split("\n"))
    draft.span("GPE", "Genève")
    before = draft.set("gold", layers=("entities",))
    found = plan([left, right], NEWS)
    made = result(found, before, decisions(left), NEWS, layers=("quotes",)).annotations
    assert made is not None
    assert made.layers == ("entities", "quotes")
    # "s0" is the id of a quote in the annotators' sets: that one gives way, and its relations follow
    assert [span.text for span in made.spans if span.id == "s0"] == ["Genève"]
    assert len({span.id for span in made.spans}) == len(made.spans) == len(left.spans) + 1
    spans = {span.id: span for span in made.spans}
    assert sorted((item.label, spans[item.head].label) for item in made.relations) == [
        ("addressee", "QUOTE"),
        ("cue", "QUOTE"),
        ("speaker", "QUOTE"),
    ]
    # again: nothing is written anew, and whoever confirmed it meanwhile has
    confirmed = replace(made, confirmed=(By(annotator="cor"),))
    kept = replace(decisions(left), written=result(found, before, decisions(left), NEWS, layers=("quotes",)).written)
    assert result(found, confirmed, kept, NEWS, layers=("quotes",)).annotations is None


def test_an_edited_layer_is_left_alone_until_told() -> None:
    both = [replace(quotes(), annotator=name) for name in ("ann", "ben")]
    found = plan(both, NEWS)
    first = result(found, None, decisions(both[0]), NEWS, layers=LAYERS)
    assert first.annotations is not None
    kept = replace(decisions(both[0]), written=first.written)
    assert result(found, first.annotations, kept, NEWS, layers=LAYERS).annotations is None
    edited = replace(first.annotations, spans=first.annotations.spans[1:], relations=())
    again = result(found, edited, kept, NEWS, layers=LAYERS)
    assert (again.annotations, again.edited) == (None, ("quotes",))
    # the same set, where no decision says that adjudication wrote it
    assert result(found, edited, decisions(both[0]), NEWS, layers=LAYERS).edited == ("quotes",)
    told = result(found, edited, kept, NEWS, layers=LAYERS, overwrite=True)
    assert told.annotations is not None
    assert told.annotations.spans == first.annotations.spans


def test_relations_of_a_layer_that_not_all_annotated_keep_their_ends() -> None:
    """Gold has events of somebody else, whose arguments are the entities that are adjudicated now."""
    both = [Draft("a", *events().document.text.split("\n")).set(name, layers=("entities",)) for name in ("ann", "ben")]
    before = events().set("gold")
    made = result(plan(both, NEWS), before, decisions(both[0]), NEWS, layers=LAYERS, overwrite=True)
    assert made.annotations is None
    assert made.leaning == ("events",)
