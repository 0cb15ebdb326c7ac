"""Rights and citation: one licence only where there is one for everything."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from standoff.release.legal import citation, license_fields, license_text, license_texts, misspelled, single_license

REPOSITORY = Path(__file__).resolve().parents[2]
CFF = json.loads((REPOSITORY / "tests" / "fixtures" / "cff" / "schema-1.2.0.json").read_bytes())
"""The schema of the Citation File Format, as cffconvert 2.0.0 has it: that program asks for a jsonschema of long ago."""

OTHER = {"license": "other", "license_link": "LICENSE.md"}


@pytest.mark.parametrize(
    ("annotations", "texts", "fields"),
    [
        ("CC-BY-4.0", {"CC-BY-4.0": 3}, {"license": "cc-by-4.0"}),
        ("CC-BY-4.0", {"unknown": 1}, OTHER | {"license_name": "annotations-cc-by-4.0-text-unknown"}),
        ("CC-BY-4.0", {"unknown": 1, "CC0-1.0": 2}, OTHER | {"license_name": "annotations-cc-by-4.0-text-unknown"}),
        ("CC-BY-4.0", {"CC0-1.0": 2}, OTHER | {"license_name": "annotations-cc-by-4.0-text-cc0-1.0"}),
        ("CC-BY-4.0", {"CC0-1.0": 2, "MIT": 1}, OTHER | {"license_name": "annotations-cc-by-4.0-text-mixed"}),
        ("My own, 2025", {"My own, 2025": 1}, OTHER | {"license_name": "my-own-2025"}),
        ("unknown", {"unknown": 1}, OTHER | {"license_name": "annotations-unknown-text-unknown"}),
    ],
)
def test_the_card_states_what_holds(annotations: str, texts: dict[str, int], fields: dict[str, str]) -> None:
    assert license_fields(annotations, texts) == fields


def test_a_citation_states_a_licence_only_for_all_of_it() -> None:
    free = citation("tiny", 'A "tiny" corpus', "1.0.0", "2025-06-11T10:00:00Z", "CC-BY-4.0", {"CC-BY-4.0": 1})
    assert "license: CC-BY-4.0\n" in free
    assert 'title: "A \\"tiny\\" corpus"\n' in free
    assert 'date-released: "2025-06-11"\n' in free
    mixed = citation("tiny", "Tiny", "1.0.0", None, "CC-BY-4.0", {"unknown": 1})
    assert "license" not in mixed
    assert "date-released" not in mixed


def test_the_licences_of_texts_are_listed_and_unknown_is_explained() -> None:
    text = license_text("Tiny", "CC-BY-4.0", {"unknown": 1, "CC0-1.0": 2}, None)
    assert "**CC-BY-4.0** ([its text](LICENSES/CC-BY-4.0.txt))." in text
    assert "- CC0-1.0: 2 texts ([its text](LICENSES/CC0-1.0.txt))\n- unknown: 1 text\n" in text
    assert "nobody has established" in text
    assert "states none" not in text
    assert "states none there falls under: CC0-1.0." in license_text("Tiny", "CC-BY-4.0", {"CC0-1.0": 2}, "CC0-1.0")
    assert single_license("unknown", {"unknown": 1}) is None


def test_texts_of_licences_are_found_by_their_names_in_any_case() -> None:
    found = license_texts(["cc-by-sa-4.0", "CC0-1.0", "unknown", "../legal", "My own, 2025"])
    assert [*found] == ["LICENSES/CC-BY-SA-4.0.txt", "LICENSES/CC0-1.0.txt"]
    assert "SECTION 3 – LICENSE CONDITIONS" in found["LICENSES/CC-BY-SA-4.0.txt"].upper()
    text = license_text("Tiny", "My own, 2025", {"cc0-1.0": 2}, None)
    assert "**My own, 2025**.\n" in text
    assert "- cc0-1.0: 2 texts ([its text](LICENSES/CC0-1.0.txt))\n" in text


@pytest.mark.parametrize("date", [None, "2025-06-11T10:00:00Z"])
@pytest.mark.parametrize("license_", ["CC-BY-4.0", "cc0-1.0", "ODbL-1.0", "My own: 2025 #1", "unknown"])
@pytest.mark.parametrize("title", ["Tiny", 'A "tiny": corpus # of {news} 🎉', "yes", "1.0"])
def test_a_citation_is_what_the_format_says(title: str, license_: str, date: str | None) -> None:
    written = citation("tiny", title, "1.0.0", date, license_, {license_: 1})
    assert yaml.safe_load(written)["title"] == title
    assert yaml.safe_load(written).get("license") == {
        "CC-BY-4.0": "CC-BY-4.0",
        "cc0-1.0": "CC0-1.0",
        "ODbL-1.0": "ODbL-1.0",
    }.get(license_)
    _is_cff(written)


def test_the_citation_of_this_software_is_what_the_format_says() -> None:
    _is_cff((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))


def test_what_is_no_citation_is_refused() -> None:
    with pytest.raises(jsonschema.ValidationError):
        _is_cff(citation("tiny", "Tiny", "1.0.0", "2025-06", "MIT", {"MIT": 1}))


def _is_cff(text: str) -> None:
    # YAML makes dates of what looks like one; the schema speaks of strings.
    content = json.loads(json.dumps(yaml.safe_load(text), default=str))
    jsonschema.Draft7Validator(CFF, format_checker=jsonschema.FormatChecker()).validate(content)


def test_a_licence_that_is_misspelled_is_known() -> None:
    assert misspelled(["CC BY 4.0", "cc-by-4.0", "ccby-4.0", "unknown", "Mine", "MIT", "cc0 1.0"]) == {
        "CC BY 4.0": "CC-BY-4.0",
        "ccby-4.0": "CC-BY-4.0",
        "cc0 1.0": "CC0-1.0",
    }
