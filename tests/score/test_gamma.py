"""Gamma through pygamma-agreement, and what that library would do to its caller."""

import logging

import numpy as np
import pytest

from release.corpora import Draft, minister
from score.drafts import NEWS, span_at
from standoff.corpus.model import Span
from standoff.score.agreement import LayerAgreement, nested
from standoff.score.gamma import gamma

SPANS = [span_at(((start, start + 8),), label) for start, label in ((0, "GPE"), (40, "ORG"), (90, "GPE"))]
MOVED = [span_at(((start, start + 7),), label) for start, label in ((1, "GPE"), (40, "ORG"), (91, "ORG"))]


@pytest.fixture
def clean() -> object:
    """The state of what belongs to all."""
    return logging.getLogger().handlers[:], logging.getLogger().level, str(np.random.get_state())


@pytest.mark.slow
def test_equal_spans_agree_and_others_less(clean: object, caplog: pytest.LogCaptureFixture) -> None:
    assert gamma(SPANS, SPANS, samples=5) == 1.0
    found = gamma(SPANS, MOVED, samples=5)
    assert found is not None
    assert 0 < found < 1
    assert gamma(SPANS, MOVED, samples=5, seed=0) == found != gamma(SPANS, MOVED, samples=5, seed=1)
    assert (logging.getLogger().handlers[:], logging.getLogger().level, str(np.random.get_state())) == clean
    assert not caplog.records


@pytest.mark.parametrize("sides", [([], []), (SPANS, []), ([], SPANS)])
def test_without_spans_there_is_nothing_to_align(sides: tuple[list[Span], list[Span]]) -> None:
    """The library says -0.4 or so."""
    assert gamma(*sides) is None


@pytest.mark.slow
def test_gamma_of_a_layer_is_the_mean_of_documents_with_spans() -> None:
    found = LayerAgreement("entities", NEWS, with_gamma=True)
    found.add(minister("a").set(), minister("a").set())
    found.add(Draft("b", "Niets.").set(), Draft("b", "Niets.").set())
    assert found.gammas == {"a": 1.0, "b": None}
    assert nested(found)["gamma"] == {"mean": 1.0, "documents": {"a": 1.0, "b": None}}
    assert "gamma" not in nested(LayerAgreement("entities", NEWS))
