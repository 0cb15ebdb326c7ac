"""Code that a card shows for the columns of its dataset: what a reader of each kind starts with. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence

from standoff.corpus.views import LayerView
from standoff.release.features import Features
from standoff.release.ner import ner_name

NAME = "PATH_OR_NAME"
"""Stands for where the dataset is: a folder, or a name on the Hub."""


def snippets(layers: Sequence[LayerView], wanted: Mapping[str, Features]) -> Iterator[tuple[str, str]]:
    """Title and Python of each snippet, for the first layer of its kind among the configurations that are there."""
    spans = next((layer for layer in layers if layer.kind == "spans" and ner_name(layers, layer) in wanted), None)
    slots = next((layer for layer in layers if layer.kind == "slots" and layer.name in wanted and layer.roles), None)
    frames = next((layer for layer in layers if layer.kind != "spans" and layer.name in wanted), None)
    if spans:
        name = ner_name(layers, spans)
        yield "Token classification", _tags(name)
        yield "Span model", _spans(name)
    if slots:
        yield f"Attribution: `{slots.roles[0].name}` of `{slots.name}`", _slots(slots)
    if frames:
        yield "DuckDB", _duckdb(frames.name)
    shown = slots or frames or spans
    if shown:
        yield "Prompt", _prompt(shown)


def _tags(name: str) -> str:
    return f'''from datasets import load_dataset

data = load_dataset("{NAME}", {_quoted(name)}, split="train")
names = data.features["ner_tags"].feature.names
for token, tag in zip(data[0]["tokens"], data[0]["ner_tags"]):
    print(token, names[tag])
'''


def _spans(name: str) -> str:
    return f'''from datasets import load_dataset

examples = []
for row in load_dataset("{NAME}", {_quoted(name)}, split="train"):
    # token_start and token_end are null where a span doesn't end with a token.
    spans = [span for span in row["entities"] if span["token_start"] is not None]
    ner = [[span["token_start"], span["token_end"] - 1, span["label"]] for span in spans]
    examples.append({{"tokenized_text": row["tokens"], "ner": ner}})
print(examples[0])
'''


def _slots(layer: LayerView) -> str:
    role = layer.roles[0].name
    return f'''from datasets import load_dataset

for row in load_dataset("{NAME}", {_quoted(layer.name)}, split="train"):
    found = row[{_quoted(role)}]  # null when there is none
    print(row[{_quoted(layer.column)}]["text"], "->", found["text"] if found else None)
'''


def _duckdb(name: str) -> str:
    return f'''import duckdb

# On the Hub: hf://datasets/{NAME}/data/...
files = "{NAME}/data/{name}/*.parquet"
print(duckdb.sql(f"SELECT type, count(*) AS number FROM '{{files}}' GROUP BY type ORDER BY number DESC"))
'''


def _prompt(layer: LayerView) -> str:
    if layer.kind == "spans":
        parts = ['"text": item["text"]', '"label": item["label"]']
    else:
        column = _quoted(layer.column)
        parts = ['"type": item["type"]', f'{column}: item[{column}]["text"]']
        if layer.kind == "slots":
            roles = [_quoted(role.name) for role in layer.roles]
            parts += [f'{name}: item[{name}] and item[{name}]["text"]' for name in roles]
        else:
            parts.append('"arguments": [[part["role"], part["text"]] for part in item["arguments"]]')
    # As ruff formats code in Markdown, so that a formatted card is not a stale one.
    keys = "".join(f"        {part},\n" for part in parts)
    answer = f"[\n    {{\n{keys}    }}\n    for item in row[LAYER] or []\n]"
    return f'''import json

from datasets import load_dataset

LAYER = {_quoted(layer.name)}
row = load_dataset("{NAME}", "documents", split="train")[0]
answer = {answer}
print(f"List the {{LAYER}} in this text as JSON.\\n\\n{{row['text']}}\\n\\n{{json.dumps(answer, ensure_ascii=False)}}")
'''


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
