"""Label Studio's labeling configuration for a label scheme: what a project needs to show what is exported. Pure."""

from collections.abc import Container
from xml.etree import ElementTree

from standoff.corpus.page import CONTINUES
from standoff.corpus.scheme import SchemeIndex

LABELS, TEXT = "label", "text"
_SPACES = ".htx-text { white-space: pre-wrap; }"
"""Without it spaces and newlines that are counted are not shown."""


def tag_name(name: str, attributes: Container[str]) -> str:
    """The name of a tag that is no attribute's, for they have one too."""
    while name in attributes:
        name += "_"
    return name


def relation_name(label: str) -> str:
    """A relation's label there, where `continues` joins the pieces of a span."""
    return f"{label}_" if label == CONTINUES else label


def config(scheme: SchemeIndex) -> str:
    """XML with all labels in their colors, and all relations; `Choices` for each attribute with values, `TextArea` for others, both
    for the regions whose labels may carry it."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Style").text = _SPACES
    relations = ElementTree.SubElement(view, "Relations")
    for label in (*map(relation_name, scheme.relations), CONTINUES):
        ElementTree.SubElement(relations, "Relation", value=label)
    text = tag_name(TEXT, scheme.attributes)
    shown = tag_name(LABELS, scheme.attributes)
    labels = ElementTree.SubElement(view, "Labels", name=shown, toName=text)
    for layer in scheme.layers.values():
        for label_ in layer.labels:
            ElementTree.SubElement(labels, "Label", value=label_.name, background=label_.color or layer.color)
    ElementTree.SubElement(view, "Text", name=text, value="$text")
    for name, attribute in scheme.attributes.items():
        carrying = scheme.expand(attribute.labels)
        where = {"visibleWhen": "region-selected"}
        if not any("," in label for label in carrying):  # which stands between them
            where |= {"whenTagName": shown, "whenLabelValue": ",".join(dict.fromkeys(carrying))}
        box = ElementTree.SubElement(view, "View", where)
        ElementTree.SubElement(box, "Header", value=name)
        named = {"name": name, "toName": text, "perRegion": "true"}
        if attribute.values:
            choices = ElementTree.SubElement(box, "Choices", named)
            for value in attribute.values:
                ElementTree.SubElement(choices, "Choice", value=value)
        else:
            ElementTree.SubElement(box, "TextArea", named | {"maxSubmissions": "1", "editable": "true"})
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"
