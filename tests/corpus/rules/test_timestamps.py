"""Whatever follows the pattern of a timestamp: the rule finds those that are no moment, and no other."""

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from standoff.corpus.codec import decode, encode_line, sha256
from standoff.corpus.entries import Entry
from standoff.corpus.model import AnnotationSet, Document, Provenance, is_moment
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker

STORE = Store(Path(__file__).parents[2] / "fixtures" / "rules" / "base")
CHECKER = Checker(STORE.config, STORE.scheme)
DOCUMENT = next(entry for entry in STORE.document_entries() if entry.id == "a")

years = st.integers(0, 9999).map("{:04}".format) | st.sampled_from(["1900", "2000", "2023", "2024"])
months = st.integers(1, 12).map("-{:02}".format)
days = st.integers(1, 31).map("-{:02}".format) | st.sampled_from(["-28", "-29", "-30", "-31"])
dates = st.tuples(years, months, days) | st.tuples(years, months) | st.tuples(years)
clocks = st.sampled_from(["T00:00", "T23:59:59", "T10:00:00.5", "T10:00:00.1234567"])
zones = st.sampled_from(["", "Z", "+02:00", "-23:59", "+24:00", "+00:60", "+99:99"])


@given(dates.map("".join), clocks, zones)
@example("2024-02-29", "T10:00", "Z")
@example("2023-02-29", "T10:00", "Z")
def test_what_is_found_is_what_is_no_moment(date: str, clock: str, zone: str) -> None:
    at = date + clock + zone
    annotations = AnnotationSet(
        document="a",
        text_sha256=sha256(decode(DOCUMENT.raw, Document, "").text),
        annotator="gold",
        kind="human",
        scheme="tiny/1",
        layers=("entities",),
        provenance=Provenance(at=at),
        spans=(),
        relations=(),
    )
    entry = Entry("a", "gold", "corpus/annotations/gold/x.jsonl", 1, encode_line(annotations).rstrip())
    found = CHECKER.look(Bundle("a", (DOCUMENT,), (entry,))).problems
    wanted = [] if is_moment(at) else [("real-timestamp", f"{entry.where}#/provenance/at")]
    assert [(problem.rule, problem.path) for problem in found] == wanted
