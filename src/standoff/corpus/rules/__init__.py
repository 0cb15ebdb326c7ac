"""All rules that a corpus has to keep, each one pure function, in the order in which they are reported."""

from typing import Any

from standoff.corpus.rules import decisions, documents, records, relations, scheme_rules, spans, states, timestamps
from standoff.corpus.rules.base import CorpusContext, DocumentContext, Rule, SetContext
from standoff.corpus.rules.records import EntryContext, FileContext
from standoff.corpus.store import Bundle

CORPUS_RULES: tuple[Rule[CorpusContext], ...] = (
    Rule("known-layers", "error", documents.known_layers),
    Rule("page-names", "error", documents.page_names),
    Rule("stray-file", "warning", documents.stray_files),
)

STATE_RULES: tuple[Rule[FileContext], ...] = (
    Rule("sync-readable", "error", states.readable),
    Rule("sync-consistent", "error", states.consistent),
)

DECISION_RULES: tuple[Rule[FileContext], ...] = (
    Rule("decisions-readable", "error", decisions.readable),
    Rule("decisions-consistent", "error", decisions.consistent),
)

BUNDLE_RULES: tuple[Rule[Bundle], ...] = (
    Rule("one-place", "error", records.one_place),
    Rule("has-document", "error", records.has_document),
)

ENTRY_RULES: tuple[Rule[EntryContext], ...] = (
    Rule("readable", "error", records.readable),
    Rule("file-name", "error", records.file_name),
    Rule("canonical-form", "warning", records.canonical_form),
)

DOCUMENT_RULES: tuple[Rule[DocumentContext], ...] = (
    Rule("clean-text", "error", documents.clean_text),
    Rule("real-date", "error", documents.real_date),
    Rule("sections", "error", documents.sections_in_order),
    Rule("sentences", "error", documents.sentences_in_order),
)

SET_RULES: tuple[Rule[SetContext], ...] = (
    Rule("text-sha256", "error", spans.text_sha256),
    Rule("scheme-version", "error", spans.scheme_version),
    Rule("set-layers", "error", spans.set_layers),
    Rule("annotated-layers", "error", spans.annotated_layers),
    Rule("real-timestamp", "error", timestamps.real_timestamps),
    Rule("span-label", "error", spans.span_labels),
    Rule("span-attributes", "error", spans.span_attributes),
    Rule("span-offsets", "error", spans.span_offsets),
    Rule("span-surface", "error", spans.span_surface),
    Rule("span-fragments", "error", spans.span_fragments),
    Rule("span-edges", "warning", spans.span_edges),
    Rule("sentence-boundary", "warning", spans.sentence_boundaries),
    Rule("identical-spans", "error", spans.identical_spans),
    Rule("unique-ids", "error", spans.unique_ids),
    Rule("relation-label", "error", relations.relation_labels),
    Rule("dangling-relation", "error", relations.dangling_relations),
    Rule("relation-ends", "error", relations.relation_ends),
    Rule("relation-maximum", "error", relations.relation_maximum),
    Rule("self-relation", "error", relations.self_relations),
    Rule("identical-relations", "error", relations.identical_relations),
    Rule("quotation-type", "error", scheme_rules.quotation_type),
    Rule("nested-values", "error", scheme_rules.nested_values),
    Rule("exclusive-labels", "error", scheme_rules.exclusive_labels),
    Rule("entity-attributes", "error", scheme_rules.entity_attributes),
    Rule("entity-attributes-everywhere", "warning", scheme_rules.entity_attributes_everywhere),
)

_OF_THE_TEXT = {
    "span-offsets",
    "span-surface",
    "sentence-boundary",
}
OTHER_TEXT_RULES = tuple(rule for rule in SET_RULES if rule.name not in _OF_THE_TEXT)
"""Those that say something of a set whose text is not the document's."""

_OF_ONE_OPINION = {
    "relation-maximum",
    "nested-values",
    "exclusive-labels",
    "entity-attributes",
    "entity-attributes-everywhere",
}
CANDIDATE_RULES = tuple(rule for rule in SET_RULES if rule.name not in _OF_ONE_OPINION)
"""Those for sets that hold rival answers: they need not go together."""

ALL_RULES: tuple[Rule[Any], ...] = (
    *CORPUS_RULES,
    *STATE_RULES,
    *DECISION_RULES,
    *BUNDLE_RULES,
    *ENTRY_RULES,
    *DOCUMENT_RULES,
    *SET_RULES,
)
