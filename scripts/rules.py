"""Prints the page that explains all rules, made from their docstrings: `python scripts/rules.py > docs/rules.md`."""

from typing import Any

from standoff.corpus.rules import (
    BUNDLE_RULES,
    CORPUS_RULES,
    DECISION_RULES,
    DOCUMENT_RULES,
    ENTRY_RULES,
    SET_RULES,
    STATE_RULES,
)
from standoff.corpus.rules.base import Rule

_HEAD = """\
# Rules

What `standoff validate` checks, in one pass. A name stands for its rule in reports, in `--json` and here, and never changes
its meaning. An error makes the command exit with 1 and stops a release; a warning is to be looked at.
"""


def page() -> str:
    """The page, as Markdown."""
    groups: dict[str, tuple[Rule[Any], ...]] = {
        "The corpus": CORPUS_RULES,
        "Sync states": STATE_RULES,
        "Decisions": DECISION_RULES,
        "Files and lines": (*BUNDLE_RULES, *ENTRY_RULES),
        "Documents": DOCUMENT_RULES,
        "Annotation sets": SET_RULES,
    }
    parts = [_HEAD]
    for title, rules in groups.items():
        parts.append(f"## {title}\n")
        parts += [f"### {rule.name}\n\n{rule.severity}. {' '.join(rule.explanation.split())}\n" for rule in rules]
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
