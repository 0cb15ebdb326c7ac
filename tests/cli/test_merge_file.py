"""`standoff merge-file` on what it can't merge without a loss."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from command import standoff
from standoff.corpus.codec import encode
from sync.world import TEXT, annotations, document, span


@pytest.mark.parametrize("whose", ["our", "their"])
def test_of_two_spans_with_one_id_none_is_lost(tmp_path: Path, whose: str) -> None:
    sound = annotations(document(), [span("s1", "PERSON", "Anna"), span("s2", "PERSON", "Carla")])
    twice = replace(sound, spans=tuple(replace(one, id="s1") for one in sound.spans))
    files = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, side in zip(files, (sound, *((twice, sound) if whose == "our" else (sound, twice))), strict=True):
        path.write_bytes(encode(side))
    before = files[1].read_bytes()
    done = standoff("merge-file", *files)
    assert done.returncode == 1
    assert f"gold/a.json: in {whose} version the id s1 stands twice" in " ".join(done.stderr.split())
    assert files[1].read_bytes() == before


@pytest.mark.parametrize("whose", ["our", "their"])
def test_what_was_made_on_another_text_is_a_conflict(tmp_path: Path, whose: str) -> None:
    """It would stand on whatever words have its offsets by now."""
    longer = document(text=f"Toen {TEXT}")
    base = annotations(document(), [span("s1", "PERSON", "Anna")])
    moved = annotations(longer, [span("s1", "PERSON", "Anna", text=longer.text)])
    more = replace(base, spans=(*base.spans, span("s2", "PERSON", "Carla")))
    ours, theirs = (moved, more) if whose == "their" else (more, moved)
    files = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, side in zip(files, (base, ours, theirs), strict=True):
        path.write_bytes(encode(side))
    done = standoff("merge-file", *files)
    assert done.returncode == 1, done.stdout
    assert "set text_sha256" in done.stderr
    assert files[1].read_bytes() == encode(ours)
    # Where nothing was annotated meanwhile, there is nothing to settle.
    files[1 if whose == "our" else 2].write_bytes(encode(replace(base, layers=("entities",))))
    assert standoff("merge-file", *files).returncode == 0
    assert '"start":5,' in files[1].read_text()


@pytest.mark.parametrize("whose", ["our", "their"])
def test_what_was_labeled_by_another_version_of_the_scheme_is_a_conflict(tmp_path: Path, whose: str) -> None:
    """Its label may mean something else by now, as when names were exchanged."""
    base = annotations(document(), [span("s1", "PERSON", "Anna")])
    migrated = replace(base, scheme="another/2", spans=(span("s1", "ORG", "Anna"),))
    more = replace(base, spans=(*base.spans, span("s2", "PERSON", "Carla")))
    ours, theirs = (migrated, more) if whose == "their" else (more, migrated)
    files = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, side in zip(files, (base, ours, theirs), strict=True):
        path.write_bytes(encode(side))
    done = standoff("merge-file", *files)
    assert done.returncode == 1, done.stdout
    assert "set scheme" in done.stderr
    assert "`standoff migrate` the branch" in done.stderr
    assert files[1].read_bytes() == encode(ours)
    # Where both were brought along, they merge.
    along = replace(more, scheme="another/2", spans=(*migrated.spans, span("s2", "ORG", "Carla")))
    files[1 if whose == "our" else 2].write_bytes(encode(along))
    assert standoff("merge-file", *files).returncode == 0
    assert files[1].read_bytes() == encode(along)
