"""What differs between the columns of two releases, and their licences and rows. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from standoff.release.diff import Change
from standoff.release.manifest import SplitEntry


def feature_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Changes between two mappings of configuration to features, in the notation of the files' metadata.

    A configuration, column or field that is there on one side only is one change. Where what both have stands in another
    order, that is a change of `order`; for classes it is one too when an old name gets another number.
    """
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield Change(what="configuration", change="removed", item=name)
        elif name not in old:
            yield Change(what="configuration", change="added", item=name)
        else:
            yield from _structs(name, old[name], new[name])


def license_changes(old: tuple[str, str | None], new: tuple[str, str | None]) -> Iterator[Change]:
    """Changes of the licence of the annotations, and of that of texts that state none of their own."""
    for item, before, after in zip(("annotations", "texts"), old, new, strict=True):
        if before != after:
            yield Change(what="license", change="changed", item=item, before=before, after=after)


def row_changes(
    old: Mapping[str, Mapping[str, SplitEntry]], new: Mapping[str, Mapping[str, SplitEntry]]
) -> Iterator[Change]:
    """Splits of configurations that both have, but whose content hashes differ: scores don't compare across the two."""
    for name, splits in sorted(old.items()):
        for split, entry in sorted(splits.items()):
            there = new.get(name, {}).get(split)
            if there and there.content_sha256 != entry.content_sha256:
                yield Change(what="rows", change="changed", item=f"{name}/{split}", before=entry.rows, after=there.rows)


def _structs(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in old:
        if name not in new:
            yield Change(what="column", change="removed", item=f"{path}/{name}")
        else:
            yield from _features(f"{path}/{name}", old[name], new[name])
    for name in new:
        if name not in old:
            yield Change(what="column", change="added", item=f"{path}/{name}")
    yield from _order("column", path, [name for name in old if name in new], [name for name in new if name in old])


def _features(path: str, old: Any, new: Any) -> Iterator[Change]:
    before, after = _kind(old), _kind(new)
    if before != after:
        yield Change(what="column", change="changed", item=path, field="type", before=before, after=after)
    elif before == "list of structs":
        yield from _structs(path, old[0], new[0])
    elif before == "struct":
        yield from _structs(path, old, new)
    elif before in ("class", "list of class"):
        yield from _classes(path, *((side.get("feature", side))["names"] for side in (old, new)))


def _classes(path: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    for name in old:
        if name not in new:
            yield Change(what="class", change="removed", item=path, label=name)
    for name in new:
        if name not in old:
            yield Change(what="class", change="added", item=path, label=name)
    if not set(old) <= set(new):
        return
    # Files hold numbers: a name that is put before an old one gives that one another number.
    yield from _order("class", path, list(old), list(new[: len(old)]))


def _order(what: Any, path: str, old: list[str], new: list[str]) -> Iterator[Change]:
    if old != new:
        yield Change(what=what, change="changed", item=path, field="order", before=old, after=new)


def _kind(feature: Any) -> str:
    if isinstance(feature, list):
        return "list of structs"
    if feature.get("_type") == "ClassLabel":
        return "class"
    if feature.get("_type") == "Sequence":
        return f"list of {_kind(feature['feature'])}"
    return str(feature["dtype"]) if feature.get("_type") == "Value" else "struct"
