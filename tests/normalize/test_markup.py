"""Words out of Markdown and HTML, and what is told of the rest."""

import pytest

from standoff.normalize.markup import BadMarkup, Words, declared_encoding, from_html, from_markdown


def words(text: str) -> Words:
    found = from_markdown(text)
    assert isinstance(found, Words)
    return found


@pytest.mark.parametrize(
    ("markdown", "text", "kind"),
    [
        ("## Wat nu?", "Wat nu?", "heading"),
        ("Kop\n===", "Kop", "heading"),
        ("een *twee* en __drie__", "een twee en drie", "emphasis"),
        ("een [link](http://x.example 't')", "een link", "link"),
        ("een ![beeld](x.png)", "een beeld", "image"),
        ("> geciteerd", "geciteerd", "quotation"),
        ("`a*b*`", "a*b*", "code"),
        ("```py\nx = 1\n```", "x = 1", "code"),
        ("een\n\n***\n\ntwee", "een\n\ntwee", "rule"),
        (r"een \* &amp; twee", "een * & twee", "escape"),
        ("een <b>twee</b>", "een twee", "html"),
        ("een\n\n[r]: http://x.example", "een", "definition"),
    ],
)
def test_marks_go_and_are_counted(markdown: str, text: str, kind: str) -> None:
    found = words(markdown)
    assert found.text.strip() == text
    assert found.changes[f"markdown_{kind}"] >= 1


@pytest.mark.parametrize(
    "text", ["* een\n* twee", "1. een\n2. twee", "Prijs: 2 * 3 * 4 in snake_case_naam.", "een\ntwee", "| a | b |"]
)
def test_what_markdown_keeps(text: str) -> None:
    assert words(text).text.strip() == text
    assert words(text).changes == {}


def test_the_title_is_the_first_heading_of_the_first_level_at_the_start() -> None:
    assert words("# De *kop*\n\nTekst").fields == {"title": "De kop"}
    assert words("Tekst\n\n# Kop").fields == {}
    assert words("## Kop\n\nTekst").fields == {}
    assert words("## Een?\n\nTekst\n\n### Twee.").headings == ("Een?", "Twee.")


def test_markdown_nested_beyond_reason_is_refused_and_not_cut_off() -> None:
    assert isinstance(from_markdown(">" * 50_000 + " a"), BadMarkup)
    assert isinstance(from_markdown("".join(" " * i + "- a\n" for i in range(300))), BadMarkup)


def test_the_main_text_of_a_page_and_what_it_states() -> None:
    page = (
        "<html><head><title>Kop | De Krant</title><meta property='og:site_name' content='De Krant'>"
        "<meta property='og:title' content='Kop'><link rel='canonical' href='https://krant.example/a'>"
        "<meta property='article:published_time' content='2024-03-01T10:00:00+01:00'></head><body>"
        "<nav>Menu Sport Weer</nav><article><p>"
        + "De minister sprak vandaag lang. " * 20
        + "</p><h2>Wat nu?</h2><p>"
        + "Dat is nog de vraag, zei zij. " * 10
        + "</p></article></body></html>"
    )
    found = from_html(page)
    assert found.fields == {
        "title": "Kop",
        "date": "2024-03-01",
        "url": "https://krant.example/a",
        "publisher": "De Krant",
    }
    assert [block[:9] for block in found.text.split("\n\n")] == ["De minist", "Wat nu?", "Dat is no"]
    assert found.headings == ("Wat nu?",)
    assert found.changes == {"html_word_left_out": 3}


def test_blocks_of_a_page_stay_apart_and_what_is_left_out_of_it_is_counted() -> None:
    long = "De minister sprak vandaag lang en breed over de dijken. " * 5
    page = (
        f"<html><body><script>a b c</script><article><h1>De kop.</h1><p>{long}</p><p>Regel een<br>en twee</p>"
        f"<ul><li>punt</li><li><b>vet</b> punt</li></ul><table><tr><td>zes</td><td>zetels</td></tr></table><p>{long}</p>"
        "<blockquote><p>Geciteerd, zei hij.</p></blockquote></article><footer>Alle rechten</footer></body></html>"
    )
    found = from_html(page)
    blocks = ["De kop.", long.strip(), "Regel een\nen twee", "- punt\n- vet punt", long.strip(), "Geciteerd, zei hij."]
    assert found.text.split("\n\n") == blocks
    assert found.headings == ("De kop.",)
    assert found.changes == {"html_word_left_out": 2, "html_table_left_out": 1}


def test_pages_whose_markup_has_no_headings_leave_them_to_be_found() -> None:
    page = f"<html><body><article><p>{'De minister sprak vandaag lang. ' * 20}</p></article></body></html>"
    assert from_html(page).headings is None


def test_a_date_that_the_page_does_not_state_is_not_guessed() -> None:
    page = "<html><body><article><p>" + "Op 3 mei 2019 sprak de minister lang. " * 20 + "</p></article></body></html>"
    assert "date" not in from_html(page).fields


@pytest.mark.parametrize("between", ["", " ", "\n  "])
def test_words_of_two_blocks_of_a_short_page_stay_two(between: str) -> None:
    said = "De minister sprak gisteren in Brugge lang met de bewoners van de wijk over de dijken."
    blocks = [
        "<h1>De kop</h1>",
        f"<p>{said}</p>",
        "los<div>Zij zweeg<br>lang.</div>",
        "<ul><li>Een</li><li>twee</li></ul>",
    ]
    page = f"<html><body><article>{between.join(blocks)}</article></body></html>"
    words = f"De kop {said} los Zij zweeg lang. Een twee"
    assert from_html(page).text.replace("- ", "").split() == words.split()


@pytest.mark.parametrize("page", ["", "<html><body></body></html>", "<div>" * 50_000 + "x", "\0", "<!--"])
def test_a_page_without_a_text(page: str) -> None:
    assert from_html(page).text.strip() == ""


def test_the_declared_encoding() -> None:
    assert declared_encoding(b'<meta charset="ISO-8859-2">') == "ISO-8859-2"
    assert (
        declared_encoding(b"<META http-equiv='Content-Type' content='text/html; charset=windows-1252'>")
        == "windows-1252"
    )
    assert declared_encoding(b"<p>charset=x") is None


def test_blocks_of_every_kind_stay_apart() -> None:
    markdown = "![kat *op* mat](x.png) zit.\n\n<div>Blok</div>\n\nRegel<br>twee\n\n- een\n- twee\n\nNa\n\n```\ncode\n```\n\nEinde"
    found = words(markdown)
    assert [block for block in found.text.split("\n\n") if block] == [
        "kat op mat zit.", "Blok", "\nRegel\ntwee", "- een\n- twee", "Na", "code", "\nEinde"
    ]  # fmt: skip
    assert found.changes == {"markdown_html": 2, "markdown_image": 1, "markdown_emphasis": 1, "markdown_code": 1}
