"""Gamma: agreement on where spans are and how they are called, in one figure. Pure; needs the extra `gamma`."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from standoff.corpus.model import Span
from standoff.errors import EnvironmentFault, how_to_install

SAMPLES = 30


def gamma(first: Sequence[Span], second: Sequence[Span], *, samples: int = SAMPLES, seed: int = 0) -> float | None:
    """Gamma of two annotators' spans in one text (Mathet, Widlöcher and Métivier 2015): 1 - observed / expected disorder.

    Places and labels weigh the same. Expected disorder is the mean of so many random annotations that are like these, fixed by
    the seed. A discontinuous span goes by its hull, and a span that is there twice counts once: gamma knows neither. None when
    one of the annotators has no span, since nothing can be aligned then. Seconds a text. Raises EnvironmentFault without the
    extra.
    """
    if not first or not second:
        return None
    with _silence(), _seeded(seed):
        try:
            from pyannote.core import Segment
            from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum
        except ImportError:
            raise EnvironmentFault(f"pygamma-agreement is missing; {how_to_install('gamma')}") from None
        continuum = Continuum()
        for annotator, spans in (("first", first), ("second", second)):
            for span in spans:
                continuum.add(annotator, Segment(span.start, span.end), span.label)
        dissimilarity = CombinedCategoricalDissimilarity(alpha=1, beta=1)
        return float(continuum.compute_gamma(dissimilarity, n_samples=samples).gamma)


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing is logged, and the root logger has no new handler: these libraries log to it, a line a sample and more."""
    root = logging.getLogger()
    before, handlers, level = root.manager.disable, list(root.handlers), root.level
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
        root.handlers[:] = handlers
        root.setLevel(level)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Random annotations come from numpy's global generator, whose state is the caller's again afterwards."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)
