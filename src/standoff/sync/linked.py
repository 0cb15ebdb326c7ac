"""The page's side of one document, read: which row stands for what, and what the page says about our items."""

from dataclasses import dataclass, field

from standoff.corpus.state import RowState
from standoff.formats.doccano_rows import RelationRow, Row
from standoff.sync.merge import Dispute, Items


@dataclass(slots=True)
class Linked:
    """Filled by `sync.link.link`, read only afterwards."""

    rows: dict[int, Row]
    """All rows of the example."""
    known: dict[int, RowState]
    """Rows as last agreed on, those that are gone too."""
    parts: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    """Row to our span and, for a marker, its attribute. A row that is neither here nor a duplicate is left alone."""
    duplicates: dict[int, int] = field(default_factory=dict)
    """A second annotator's row to the row that it repeats (S1)."""
    adopted: set[int] = field(default_factory=set)
    """Rows that were linked to an item of ours without the state's help (S1, S2)."""
    relation_rows: dict[int, str] = field(default_factory=dict)
    """Relation row to our relation."""
    joins: dict[int, RelationRow] = field(default_factory=dict)
    """Relation rows between fragments."""
    surplus: set[int] = field(default_factory=set)
    """Relation rows that say what another one says (S9)."""
    theirs: Items = field(default_factory=Items)
    moved: set[str] = field(default_factory=set)
    """Spans that were drawn again elsewhere (S7)."""
    twins: set[str] = field(default_factory=set)
    """Spans of ours that repeat another of ours, and for which the page has no row (S13)."""
    groups: list[frozenset[str]] = field(default_factory=list)
    """Spans that were split or joined: decided together, or what one lost and the other gained would be there twice."""
    disputes: list[Dispute] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What is wrong in the page and was left alone there."""
    notes: list[str] = field(default_factory=list)
    """What was decided, where a curator may have decided otherwise."""

    def span_of(self, row: int) -> str | None:
        """The span that a row is a fragment or marker of, also for a duplicate (S9)."""
        part = self.parts.get(self.duplicates.get(row, row))
        return part[0] if part else None
