"""The command line as a whole: help, exit codes, errors as text."""

import json
import re
from pathlib import Path

import pytest

from command import standoff
from standoff.cli import COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(command: str) -> None:
    done = standoff(command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout or command == "doccano"


def test_a_folder_without_a_corpus_is_a_usage_error_that_says_what_to_do(tmp_path: Path) -> None:
    done = standoff("validate", "--root", tmp_path)
    assert done.returncode == 2
    assert "there is no corpus here" in done.stderr
    assert "standoff init" in done.stderr
    assert done.stdout == ""


def test_a_misspelled_key_is_a_usage_error_that_names_the_nearest(tmp_path: Path) -> None:
    assert standoff("init", tmp_path).returncode == 0
    path = tmp_path / "corpus" / "corpus.toml"
    path.write_text(path.read_text().replace("min_groups", "mingroups"))
    done = standoff("validate", "--root", tmp_path)
    assert done.returncode == 2
    assert "'splits.mingroups'" in done.stderr
    assert "'min_groups'" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'name = "',
            'name = "NL ',
            "not of this form: Lower-case letters, digits, '.', '_', '-'; names the file - at `corpus.name`",
        ),
        ('["nl"]', '["Dutch"]', "not of this form: BCP 47 language tag, as in `nl` - at `corpus.languages[0]`"),
        (
            "[splits]",
            '[doccano.a]\n[doccano.b]\nmode = "each"\n[splits]',
            "doccano.b: Invalid enum value 'each' - at `mode`; known here: per-member, shared",
        ),
        (
            "[splits]",
            '[doccano.a]\npush = { document = "all" }\n[splits]',
            "unknown key 'doccano.a.push.document'; did you mean 'documents'",
        ),
        ("[splits]", '[doccano.a]\nlayers = "x"\n[splits]', "doccano.a: Expected `array`, got `str` - at `layers`"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_what_may_stand_there(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert standoff("init", tmp_path).returncode == 0
    path = tmp_path / "corpus" / "corpus.toml"
    path.write_text(path.read_text().replace(old, new, 1))
    done = standoff("validate", "--root", tmp_path)
    assert done.returncode == 2
    assert told in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('version = "', 'titel = "x"\nversion = "', "unknown key 'titel'; did you mean 'title'? Known here: version, "),
        (
            'color = "#',
            'colour = "#',
            "unknown key 'layers[0].colour'; did you mean 'color'? Known here: name, color, ",
        ),
        (
            "head = {",
            "head = { labls = [], ",
            "unknown key 'layers[1].head.labls'; did you mean 'labels'? Known here: ",
        ),
        (
            'page = "local"',
            'page = "hidden"',
            "Invalid enum value 'hidden' - at `attributes[0].page`; known here: label, local, marker",
        ),
        ('color = "#', 'color = "', "not of this form: A color as in #0072B2 - at `layers[0].color`"),
        (
            'name = "entities"',
            'name = "Entities"',
            "not of this form: Lower-case letters, digits, '_', a letter first - at `layers[0].name`",
        ),
        ("version = ", "version = [", "this is not valid TOML: "),
    ],
)
def test_what_is_wrong_in_the_scheme_is_told_like_that(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert standoff("init", tmp_path).returncode == 0
    path = tmp_path / "corpus" / "scheme.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    done = standoff("validate", "--root", tmp_path)
    assert done.returncode == 2
    assert told in done.stderr


@pytest.mark.parametrize("name", ["overrides.toml", "splits.json", "releases.json", "scheme.toml"])
def test_validate_reads_what_other_commands_rest_on(tmp_path: Path, name: str) -> None:
    assert standoff("init", tmp_path).returncode == 0
    (tmp_path / "corpus" / name).write_bytes(b"\xff")
    done = standoff("validate", "--root", tmp_path)
    assert (done.returncode > 0, "Traceback" in done.stderr, name in done.stderr) == (True, False, True), done.stderr


def test_an_unknown_command_is_a_usage_error() -> None:
    assert standoff("normalise").returncode == 2


def test_markup_in_names_is_printed_as_it_is(tmp_path: Path) -> None:
    done = standoff("validate", "--root", tmp_path / "[bold]x[/bold]")
    assert "[bold]x[/bold]" in done.stderr


def test_what_looks_like_the_code_of_an_emoji_is_printed_as_it_is(tmp_path: Path) -> None:
    assert standoff("init", tmp_path).returncode == 0
    (tmp_path / "seeds" / "a.jsonl").write_text(
        '{"id": "a", "title": "Nu :x: en :smile:", "text": "Tekst :smile: hier."}'
    )
    assert standoff("normalize", "--root", tmp_path).returncode == 0
    assert "Nu :x: en :smile:" in standoff("show", "--root", tmp_path).stdout
    assert "Tekst :smile: hier." in standoff("show", "a", "--root", tmp_path).stdout
    assert ":x:" in standoff("validate", "--root", tmp_path / ":x:").stderr


def test_what_the_terminal_can_not_show_is_shown_as_an_escape(tmp_path: Path) -> None:
    assert standoff("init", tmp_path).returncode == 0
    (tmp_path / "seeds" / "a.txt").write_text("Genève 🎉.", encoding="utf-8")
    assert standoff("normalize", "--root", tmp_path).returncode == 0
    done = standoff("show", "a", "--root", tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert r"Gen\xe8ve \U0001f389." in done.stdout


def test_what_a_terminal_would_obey_is_shown_as_an_escape_but_in_json(tmp_path: Path) -> None:
    assert standoff("init", tmp_path).returncode == 0
    (tmp_path / "seeds" / "a.jsonl").write_text('{"id": "a", "title": "Een kop", "text": "Een rode tekst hier."}')
    assert standoff("normalize", "--root", tmp_path).returncode == 0
    path = tmp_path / "corpus" / "documents" / "a.json"
    evil = "rode\x1b]0;x\x07\x1b[31m\x9b2J\x7f\u202e\u2066"
    path.write_text(path.read_text().replace("rode", json.dumps(evil)[1:-1]).replace("kop", r"kop\u001b[bold]"))
    (tmp_path / "corpus" / "documents" / "b\x1b[2J.json").write_text("{")
    for words in (["show", "a"], ["show"], ["validate"], ["show", "a\x1b[2J"]):
        done = standoff(*words, "--root", tmp_path)
        text = done.stdout + done.stderr
        assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), (words, text)
        assert r"\x1b" in text, (words, text)
    assert r"rode\x1b]0;x\x1b[31m\x9b2J\x7f\u202e\u2066 tekst" in standoff("show", "a", "--root", tmp_path).stdout
    shown = json.loads(standoff("show", "a", "--root", tmp_path, "--json").stdout)
    assert (shown["document"]["text"], shown["document"]["title"]) == (f"Een {evil} tekst hier.", "Een kop\x1b[bold]")


def test_schemas_are_not_stale(repository: Path) -> None:
    done = standoff("schema", "--check", "--root", repository)
    assert done.returncode == 0, done.stdout


def test_a_stale_schema_is_told(tmp_path: Path) -> None:
    assert standoff("schema", "--root", tmp_path).returncode == 0
    (tmp_path / "schema" / "document.schema.json").write_text("{}\n")
    done = standoff("schema", "--check", "--root", tmp_path)
    assert done.returncode == 1
    assert "document.schema.json stale" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("import", "brat", "x"),
        ("predict", "rule:quotes"),
        ("adjudicate", "annotator-a", "annotator-b"),
    ],
)
def test_no_set_is_made_under_a_name_for_candidates(words: tuple[str, ...], repository: Path) -> None:
    done = standoff(*words, "--root", repository, "--set", "my-candidates")
    assert done.returncode == 2, done.stdout
    assert "hold candidates" in " ".join(done.stderr.split())
    assert not (repository / "corpus" / "annotations" / "my-candidates").exists()
