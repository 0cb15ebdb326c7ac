"""Names of users in provenance."""

import pytest

from standoff.benchmark.predictor import safe_name
from standoff.corpus.model import Provenance
from standoff.release.people import public_provenance, users


@pytest.mark.parametrize(
    ("model", "public", "named"),
    [
        ("crf:/home/anna/m.crf", "crf:~/m.crf", ["anna"]),
        (r"crf:C:\Users\Piet de Vries\m.crf", r"crf:~\m.crf", ["piet-de-vries"]),
        ("command:python /Users/Piet.V/a.py --data /data", "command:python ~/a.py --data /data", ["piet.v"]),
        ("command:ls /home/anna --data /data", "command:ls ~ --data /data", ["anna"]),
        ("spacy:nl_core_news_sm", "spacy:nl_core_news_sm", []),
    ],
)
def test_a_home_names_nobody(model: str, public: str, named: list[str]) -> None:
    assert public_provenance(Provenance(model=model), {}) == {"model": public}
    assert users(Provenance(model=model)) == named
    assert all(name in safe_name(model) for name in named)
