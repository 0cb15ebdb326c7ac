"""Rights and citation: one licence only where there is one for everything."""

import pytest

from standoff.release.legal import citation, license_fields, license_text, single_license

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
    assert "**CC-BY-4.0** (https://spdx.org/licenses/CC-BY-4.0.html)." in text
    assert "- CC0-1.0: 2 texts (https://spdx.org/licenses/CC0-1.0.html)\n- unknown: 1 text\n" in text
    assert "nobody has established" in text
    assert "states none" not in text
    assert "states none there falls under: CC0-1.0." in license_text("Tiny", "CC-BY-4.0", {"CC0-1.0": 2}, "CC0-1.0")
    assert single_license("unknown", {"unknown": 1}) is None
