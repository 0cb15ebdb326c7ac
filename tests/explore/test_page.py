"""The pages in a real browser: layers, links, two annotators, search, keys, phone, dark mode, and texts that mean harm."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from explore.conftest import HOSTILE
from explore.reader import SEED, Reader
from standoff.explore.colors import DARK, LIGHT, contrast

pytestmark = pytest.mark.browser


def test_layers_are_switched_off_and_on(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}")
    reader.screenshot("document")
    text = reader.copied(".column p")
    assert {"GPE", "QUOTE · mixed", "Agreement"} <= set(reader.names())
    reader.page.get_by_role("button", name="quotes").click()
    assert "GPE" in reader.names()
    assert "QUOTE · mixed" not in reader.names()
    reader.keys("1", "3")
    assert reader.names() == []
    assert reader.page.locator(".seg").count() == 0
    assert reader.copied(".column p") == text
    reader.keys("1", "2", "3")
    assert {"GPE", "QUOTE · mixed", "Agreement"} <= set(reader.names())
    reader.keys("l")
    assert reader.style(".tag", "display") == "none"


def test_the_text_is_the_document_and_nothing_else(reader: Reader, seed_site: Path, repository: Path) -> None:
    from standoff.corpus.store import Store

    document = Store(repository).document(SEED)
    reader.open(seed_site, f"#/d/{SEED}")
    shown = reader.page.locator(".column > p, .column > h3").all_text_contents()
    assert shown == [document.text[section.start : section.end] for section in document.sections]


def test_links_show_where_the_mouse_is(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}")
    assert reader.active() == ""
    reader.keys("1", "3")
    reader.point("hebben aangegeven")
    assert reader.active() == "CUE hebben aangegeven"
    assert reader.links() == ["cue"]
    reader.point("dat ze een")
    assert reader.active().startswith("QUOTE dat ze een")
    assert reader.links() == ["cue", "speaker"]
    assert reader.page.locator(".card dd").all_text_contents() == ["mixed"]
    reader.page.mouse.move(5, 5)
    assert reader.active() == ""
    assert reader.links() == []


def test_each_underline_is_reached_by_the_mouse(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}")
    ink = reader.page.locator(".ink", has_text="China").first
    box = ink.bounding_box()
    assert box is not None
    lane = float(ink.evaluate("node => parseFloat(getComputedStyle(node).paddingBottom)")) / 3
    seen = []
    for number in range(3):
        reader.page.mouse.move(box["x"] + 10, box["y"] + box["height"] - 3 * lane + lane * (number + 0.5))
        seen.append(reader.active().split()[0])
    assert seen == ["GPE", "ARG", "SPEAKER"]


@pytest.mark.parametrize("width", [1400, 1000, 360])
def test_no_name_runs_out_of_its_column(reader: Reader, seed_site: Path, width: int) -> None:
    """Measured by drawing each as an element of its own, where its name begins."""
    reader.open(seed_site, f"#/d/{SEED}?set=annotator-a&with=annotator-b", width=width, height=900)
    out = reader.page.evaluate(
        """() => [...document.querySelectorAll('.tag')].map(tag => {
            const column = tag.closest('p, h2, h3').getBoundingClientRect(), look = getComputedStyle(tag, '::after');
            const drawn = document.createElement('span');
            Object.assign(drawn.style, {font: look.font, letterSpacing: look.letterSpacing, whiteSpace: 'nowrap', position: 'absolute'});
            drawn.textContent = tag.dataset.name;
            document.body.append(drawn);
            const end = tag.closest('.ink').getClientRects()[0].left + parseFloat(look.left) + drawn.getBoundingClientRect().width;
            drawn.remove();
            return [tag.dataset.name, Math.round(end - column.right), parseFloat(look.left)];
        }).filter(([, over, back]) => over > 0 || back)"""
    )
    assert [name for name, over, _ in out if over > 0] == []
    assert [name for name, _, back in out if back < 0]


def test_a_discontinuous_span_is_one(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}")
    reader.keys("1", "3")
    reader.page.locator(".side .mention", has_text="sprak … uit").first.click()
    assert reader.active() == "CUE sprak … uit"
    reader.screenshot("discontinuous")
    drawn = reader.page.eval_on_selector_all(
        ".ink",
        "inks => inks.filter(ink => ink.style.backgroundImage.includes('repeating')).map(ink => ink.textContent)",
    )
    assert drawn[0] == " dinsdag zijn optimisme "


def test_the_list_beside_is_reached_by_tab_and_shows_links(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}")
    reader.page.locator(".side .mention", has_text="een volledige dag").last.focus()
    reader.keys("Tab", "Shift+Tab")
    assert reader.links() == ["Time"]
    reader.keys("Enter")
    assert reader.active() == "DATE een volledige dag"
    reader.page.mouse.move(5, 5)
    assert reader.links() == ["Time"]
    reader.keys("Escape")
    assert reader.links() == []


def test_keys_walk_through_the_annotations(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}")
    reader.keys("2", "3", "j")
    assert reader.active() == "GPE Verenigde Staten"
    reader.keys("j")
    assert reader.active() == "GPE China"
    reader.keys("k", "k")
    assert reader.active() == "DATE de afgelopen weken"
    assert reader.page.evaluate("scrollY") > 300
    reader.keys("?")
    assert reader.page.locator("#keys").is_visible()
    reader.keys("Escape")
    assert not reader.page.locator("#keys").is_visible()
    reader.keys("u")
    expect(reader.page.locator(".entry")).to_have_count(1)


def test_two_annotators_with_what_differs(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}?set=annotator-a", width=1500)
    reader.keys("c")
    assert reader.page.locator("#with").input_value() == "gold"
    reader.page.locator("#with").select_option("annotator-b")
    expect(reader.page.locator(".annotator strong")).to_have_text(["annotator-a", "annotator-b"])
    # A version is that of what is named before it.
    expect(reader.page.locator(".annotator .dim").nth(1)).to_have_text("model · standoff adjudicate · 0.1.0")
    reader.screenshot("two")
    why = reader.page.locator(".differences li").all_text_contents()
    told = " / ".join(why)
    for difference in ("only here", "extent", "label", "attributes", "links"):
        assert difference in told
    assert "labelannotator-aGPEChinaannotator-bORGChina" in told
    reader.keys("o")
    left = [name for name in reader.names() if name.startswith("GPE")]
    assert left == ["GPE ≠", "GPE +"]
    reader.keys("j")
    assert "differs in" in reader.page.locator(".difference").inner_text()
    reader.keys("c")
    expect(reader.page.locator(".pair")).to_have_count(0)


def test_search_in_titles_and_texts_and_by_label(reader: Reader, many_site: Path) -> None:
    reader.open(many_site)
    expect(reader.page.locator(".entry")).to_have_count(25)
    reader.keys("/")
    reader.page.keyboard.type("zurich")
    expect(reader.page.locator(".amount")).to_contain_text("7 documents found")
    assert reader.entries() == [f"d{number:04}" for number in range(0, 620, 100)]
    assert reader.page.locator("mark").all_text_contents() == ["Zürich"] * 7
    assert reader.page.evaluate("document.activeElement.id") == "search"
    reader.page.keyboard.type(" titel 50")
    expect(reader.page.locator(".entry")).to_have_count(1)
    reader.page.locator("#search").fill("")
    reader.page.locator("#label").select_option("GPE")
    expect(reader.page.locator(".amount")).to_contain_text("7 documents found")
    reader.page.locator(".entry").nth(1).click()
    expect(reader.page.locator(".turn")).to_contain_text("2 of 7 found")
    reader.keys("n")
    expect(reader.page.locator(".about .id")).to_have_text("d0200")
    reader.keys("u")
    expect(reader.page.locator(".amount")).to_contain_text("7 documents found")
    reader.page.locator(".find input").fill("nergens")
    expect(reader.page.locator(".message")).to_contain_text("Nothing found")


def test_pages_of_the_list_by_keyboard(reader: Reader, many_site: Path) -> None:
    reader.open(many_site, "#/?page=20")
    expect(reader.page.locator(".entry")).to_have_count(25)
    assert reader.entries()[0] == "d0475"
    reader.keys("l")
    expect(reader.page.locator(".entry .id").first).to_have_text("d0500")
    reader.keys("j", "j", "Enter")
    expect(reader.page.locator(".about .id")).to_have_text("d0501")
    expect(reader.page.locator(".turn")).to_contain_text("502 of 620")
    reader.keys("p", "p")
    expect(reader.page.locator(".about .id")).to_have_text(re.compile("d0(499|500)"))


PLACES = [
    "#/", f"#/d/{SEED}", f"#/d/{SEED}?with=annotator-b", "#/statistics", "#/agreement", "#/leaderboard", "#/leaderboard?report=2",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_on_a_phone_nothing_is_wider_than_the_window(reader: Reader, seed_site: Path, place: str) -> None:
    reader.open(seed_site, place, width=360, height=740)
    reader.screenshot(f"phone-{re.sub('[^a-z]+', '-', place.partition('?')[2] or place)}")
    reader.page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    wide = reader.page.evaluate(
        "[...document.querySelectorAll('body *')].filter(node => node.getBoundingClientRect().right > innerWidth + 1"
        " && !node.closest('.tag, svg, .scroll > *')).map(node => node.className)"
    )
    assert wide == []
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_phone_the_card_comes_up_from_below(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}", width=360, height=740)
    reader.point("Howard Lutnick", click=True)
    card = reader.page.locator(".card").bounding_box()
    assert card is not None
    assert card["y"] + card["height"] > 735
    assert reader.active().startswith("PERSON Howard Lutnick")


def test_colours_are_read_on_either_paper(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}", dark=True)
    reader.screenshot("dark")
    colors = {}
    for paper in (DARK, LIGHT):
        shown = reader.page.eval_on_selector_all(
            ".tag", "tags => [...new Set(tags.map(tag => getComputedStyle(tag).color))]"
        )
        assert _hex(reader.style(".sheet", "backgroundColor")) == paper
        assert len(shown) > 3
        assert all(contrast(_hex(color), paper) >= 4.5 for color in shown), shown
        for part in (".about .facts", ".toolbar .dim", ".side h3", ".mention"):
            assert contrast(_hex(reader.style(part, "color")), _hex(reader.style("body", "backgroundColor"))) >= 4.5
        colors[paper] = shown
        reader.keys("d")
    assert colors[DARK] != colors[LIGHT]


def _hex(color: str) -> str:
    return "#" + "".join(f"{int(number):02x}" for number in re.findall(r"\d+", color)[:3])


def test_texts_that_mean_harm_are_texts(reader: Reader, hostile_site: Path) -> None:
    reader.open(hostile_site)
    assert reader.page.locator("h1").inner_text() == HOSTILE[1]
    assert reader.page.locator(".entry .title").inner_text() == HOSTILE[0]
    reader.page.locator("#search").fill("__proto__ constructor")
    expect(reader.page.locator(".amount")).to_contain_text("1 document found")
    reader.page.locator("#label").select_option("__proto__")
    expect(reader.page.locator(".amount")).to_contain_text("1 document found")
    reader.page.locator(".entry").click()
    expect(reader.page.locator(".column > p:not(.comment)")).to_have_text("\n".join(HOSTILE))
    assert [name.split(" · ")[0] for name in reader.names()] == [*HOSTILE[:-1], HOSTILE[-1], "not in the scheme <b>"]
    for _ in HOSTILE:
        reader.keys("j")
        assert reader.page.locator(".card dt").all_text_contents() == [HOSTILE[0], "__proto__", "note"]
    reader.screenshot("hostile")
    assert reader.page.locator("a[href^='javascript']").count() == 0
    assert reader.page.locator("main img, main script, main b").count() == 0
    reader.keys("Escape", "c")
    expect(reader.page.locator(".annotator strong")).to_have_text(["gold", "annotator-a"])
    for place in ("statistics", "agreement"):
        reader.page.locator(f"nav [data-page={place}]").click()
        expect(reader.page.locator(".panel").first).to_be_visible()
    assert reader.page.evaluate("document.querySelectorAll('script:not([src])').length") == 0


def test_statistics_and_agreement_say_the_numbers(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, "#/statistics")
    assert reader.page.locator(".tile strong").all_text_contents()[3:] == ["97", "46"]
    gpe = reader.page.locator(".bars tr", has_text="GPE").locator(".number")
    assert gpe.inner_text() == "10"
    reader.page.locator("nav [data-page=agreement]").click()
    pair = reader.page.locator(".panel", has_text="annotator-a and annotator-b")
    expect(pair.locator(".agreement").first.locator(".number").first).to_have_text(".933")
    assert "ORG" in pair.locator(".confusion").first.inner_text()
    reader.screenshot("agreement")


def test_the_matrix_and_the_documents_that_differ(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, "#/agreement")
    pair = reader.page.locator(".panel", has_text="annotator-a and annotator-b")
    names = pair.locator(".matrix").first
    assert names.locator("thead th").all_text_contents() == ["ORG", "GPE", "nothing"]
    rows = names.locator("tbody tr").all_inner_texts()
    assert [row.split() for row in rows] == [["ORG", "0", "0", "0"], ["GPE", "1", "8", "1"], ["nothing", "0", "0"]]
    assert "standoff explore --gamma" in reader.page.locator(".hero").inner_text()
    pair.locator(".rows a").first.press("Enter")
    expect(reader.page.locator(".annotator strong")).to_have_text(["annotator-a", "annotator-b"])


def test_the_leaderboard_says_what_is_told_from_the_best(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, "#/leaderboard?report=2")
    reader.screenshot("leaderboard")
    rows = reader.page.locator(".ranking").first.locator("tbody tr")
    assert rows.locator(".model").all_text_contents() == ["good", "nearly", HOSTILE[0]]
    assert [one.split()[0] for one in rows.locator(".verdict").all_text_contents()] == ["best", "not", "p"]
    assert rows.locator(".main").all_text_contents() == [".994", ".987", ".667"]
    assert reader.page.locator("tr.below .model").all_text_contents() == [HOSTILE[0]]
    # the whisker ends where the interval does, on the axis whose marks stand above it
    ticks = reader.page.eval_on_selector_all(
        ".ticks span", "all => all.map(one => [Number(one.textContent), one.getBoundingClientRect()]).map(([n, box]) => [n, box.x + box.width / 2])"
    )  # fmt: skip
    (low, left), (high, right) = ticks[0], ticks[-1]
    for row in rows.all():
        box = row.locator(".whisker").bounding_box()
        interval = row.locator("[data-name='95% interval']").inner_text().split("–")
        assert box is not None
        drawn = [low + (x - left) / (right - left) * (high - low) for x in (box["x"], box["x"] + box["width"])]
        assert drawn == pytest.approx([float(end) for end in interval], abs=0.004)
    assert HOSTILE[1] in reader.page.locator(".warning").inner_text()
    assert reader.page.locator(".examples").count() == 0, "words of a text that is not in this corpus"


@pytest.mark.parametrize("place", ["#/agreement", "#/leaderboard", "#/leaderboard?report=2", "#/statistics"])
def test_figures_are_read_on_their_colours(reader: Reader, seed_site: Path, place: str) -> None:
    reader.open(seed_site, place)
    reader.page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    for _ in ("light", "dark"):
        assert reader.faint() == []
        reader.keys("d")


def test_results_on_other_content_are_on_a_page_of_their_own(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site)
    reader.page.locator("nav [data-page=leaderboard]").click()
    seen = []
    for name in ("nl-news-standoff", "tiny"):
        expect(reader.page.locator(".lead")).to_contain_text(name)
        seen.append(reader.page.locator(".board .model").all_text_contents())
        reader.keys("l")
    assert set(seen[0]) == {"rule:quotes", "gazetteer:gold"}
    assert not set(seen[0]) & set(seen[1])
    assert reader.page.locator(".reports a[aria-current]").inner_text() == "tiny 1.0.0, test"


def test_a_mistake_leads_to_its_place_in_the_article(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, "#/leaderboard", height=500)
    part = reader.page.locator(".mistakes", has_text="content")
    assert part.locator("td.number").all_text_contents() == ["3", "0", "0", "1", "4", "0"]
    part.locator("summary").press("Enter")
    part.locator(".examples a", has_text="zeldzame aardmetalen en magneten").press("Enter")
    expect(reader.page.locator(".card blockquote")).to_contain_text("dat zorgen over zeldzame aardmetalen en magneten")
    assert reader.active().startswith("QUOTE")
    assert reader.page.evaluate("scrollY") > 300


def test_without_reports_there_is_no_leaderboard(reader: Reader, many_site: Path) -> None:
    reader.open(many_site)
    expect(reader.page.locator("nav [data-page=statistics]")).to_be_visible()
    expect(reader.page.locator("nav [data-page=leaderboard]")).to_be_hidden()
    reader.page.evaluate("location.hash = '#/leaderboard'")
    expect(reader.page.locator(".message")).to_contain_text("No model has been measured")


def test_a_missing_file_is_told(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site)
    reader.page.evaluate("location.hash = '#/statistics'")
    expect(reader.page.locator(".tile").first).to_be_visible()
    assert reader.page.evaluate(
        "standoff.load('part', 7, 'data/nothing.js').then(() => '', error => error.message)"
    ).startswith("data/nothing.js is missing")
    reader._faults.clear()


def test_print_shows_the_article_on_white(reader: Reader, seed_site: Path) -> None:
    reader.open(seed_site, f"#/d/{SEED}", dark=True)
    reader.page.emulate_media(media="print")
    assert not reader.page.locator(".toolbar").is_visible()
    assert reader.style(".tag", "display") == "inline"
    assert contrast(_hex(reader.style(".column p", "color")), "#ffffff") > 7
