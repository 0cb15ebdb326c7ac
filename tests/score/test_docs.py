"""The page on scores: its example runs as it stands."""

from pathlib import Path

import pytest

from release.corpora import minister, write_corpus


def test_the_example_of_the_page_runs(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three models alike: nothing differs."""
    names = ("gold", "model-a", "model-b", "model-c")
    write_corpus(tmp_path, [minister().document, *(minister().set(name) for name in names)])
    page = (repository / "docs" / "scores.md").read_text(encoding="utf-8")
    (example,) = (block.partition("```")[0] for block in page.split("```python\n")[1:])
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/scores.md", "exec"), {})
    assert capsys.readouterr().out == "[1.0, 1.0]\n"
