"""Label Studio's SDK on a file of tasks, in every format that it has for texts: `FILE FOLDER`. Started as a script, where it is."""

import sys
from pathlib import Path

PAGE = """<View>
  <Labels name="label" toName="text"/>
  <Choices name="entity" toName="text" perRegion="true"/>
  <Text name="text" value="$text"/>
</View>"""


def main(source: Path, target: Path) -> None:
    """Makes a folder for each format."""
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.converter.converter import Format

    for format_ in (Format.JSON, Format.JSON_MIN, Format.CONLL2003):
        folder = target / format_.name
        Converter(PAGE, str(folder)).convert(str(source), str(folder), format_, is_dir=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
