"""From the labels of well-known inventories to those of a scheme, as `label_maps.json` states them."""

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from standoff.corpus.scheme import SchemeIndex

Candidates = Mapping[str, tuple[str, ...]]
"""An inventory's label to labels of schemes, the closest first."""


@cache
def _inventories() -> Mapping[str, Candidates]:
    raw = files("standoff.benchmark").joinpath("label_maps.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, dict[str, tuple[str, ...]]])


def label_map(labels: Collection[str], scheme: SchemeIndex, layers: Collection[str]) -> dict[str, str]:
    """The scheme's labels for those that a model has.

    A model with an inventory that `label_maps.json` knows gets the first label for each that one of the layers has; any other
    model is taken to speak the scheme's labels. What has no label here is left out.
    """
    known = {label for label, layer in scheme.span_layer.items() if layer in layers}
    for candidates in _inventories().values():
        if set(labels) <= set(candidates):
            found = {label: [name for name in candidates[label] if name in known] for label in labels}
            return {label: names[0] for label, names in found.items() if names}
    return {label: label for label in labels if label in known}
