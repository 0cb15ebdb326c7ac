"""Label Studio's SDK on an export, in every format that it has for texts: `EXPORT FOLDER`. Started as a script, where it is."""

import json
import sys
from pathlib import Path


def main(source: Path, target: Path) -> None:
    """Makes a folder for each format. Exits when the SDK says that tasks are not for the configuration, or that it is none."""
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.converter.converter import Format
    from label_studio_sdk.label_interface import LabelInterface

    page = (source / "config.xml").read_text(encoding="utf-8")
    shown = LabelInterface(page)
    shown.validate()
    for task in json.loads((source / "tasks.json").read_bytes()):
        for annotation in task["annotations"]:
            if wrong := shown.validate_prediction(annotation, return_errors=True):
                raise SystemExit("\n".join(map(str, wrong)))
    for format_ in (Format.JSON, Format.JSON_MIN, Format.CONLL2003):
        folder = target / format_.name
        Converter(page, str(folder)).convert(str(source / "tasks.json"), str(folder), format_, is_dir=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
