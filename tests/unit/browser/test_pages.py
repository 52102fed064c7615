"""The pages as people meet them: they ask for nothing, are walked by keyboard, fit a phone, and axe finds nothing."""

import pytest

PAGES = [
    "card, two classes",
    "card, texts and holes",
    "card, schema 1",
    "trace, succeeded",
    "trace, failed",
    "trace, many-shards",
    "report",
]
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
A4 = {"width": 718, "height": 1000}  # between margins of 10 mm, at 96 dots an inch
# What can have the focus and is in sight, in the order of the document.
STOPS = """() => [...document.querySelectorAll('a[href], summary, button, input, select, [tabindex="0"]')]
    .filter((found) => found.checkVisibility() && !found.disabled).map(NAME)"""
NAME = """(found) => `${found.tagName} ${found.getAttribute("aria-label") ?? found.textContent.trim().slice(0, 60)}`"""
# What has the focus, and whether it or something in it looks other than without.
FOCUS = """() => {
    const found = document.activeElement;
    const look = () => [found, ...found.querySelectorAll("*")].map((part) => {
        const style = getComputedStyle(part);
        return [style.outlineStyle, style.outlineWidth, style.stroke, style.strokeWidth, style.boxShadow].join();
    }).join();
    const focused = look();
    found.blur();
    const bare = look();
    found.focus({focusVisible: true});
    return [(NAME)(found), focused !== bare];
}"""
OUTSIDE = """() => [...document.querySelectorAll("svg[viewBox] text")].filter((found) => {
    const box = found.getBoundingClientRect(), svg = found.closest("svg").getBoundingClientRect();
    return box.width && (box.left < svg.left - 1 || box.right > svg.right + 1 || box.bottom > svg.bottom + 1);
}).map((found) => found.textContent)"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_axe_finds_nothing_in_light_or_dark_on_a_desk_or_a_phone(
    name, pages, opened
):
    page, asked = opened(pages[name], viewport=DESK, color_scheme="light")
    from axe_playwright_python.sync_playwright import Axe

    assert _findings(Axe().run(page)) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    assert _findings(Axe().run(page)) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], f"{name} is {wide} wide on a phone"
    assert asked == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_walked_by_keyboard_in_its_order_with_the_focus_in_sight(name, pages, opened):
    page, _ = opened(pages[name], viewport=DESK)
    stops = page.evaluate(STOPS.replace("NAME", NAME))
    assert stops
    met = []
    for _ in stops:
        page.keyboard.press("Tab")
        where, seen = page.evaluate(FOCUS.replace("NAME", NAME))
        assert seen, f"nothing shows that {where} has the focus"
        met.append(where)
    assert met == stops


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("card")])
def test_the_links_of_a_card_lead_to_its_sections(name, pages, opened):
    page, _ = opened(pages[name], viewport=DESK)
    for link in page.locator("nav a").all():
        link.press("Enter")
        title = page.locator(f"{link.get_attribute('href')} h2")
        assert title.inner_text() == link.inner_text()
        assert title.is_visible()


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("card")])
def test_a_card_on_paper_cuts_nothing_off_and_its_charts_hold_their_texts(name, pages, opened):
    page, _ = opened(pages[name], viewport=A4, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def _findings(results) -> list[str]:
    """Each violation with the first element that has it."""
    return [
        f"{found['id']}: {found['help']}: {found['nodes'][0]['html'][:200]} ({len(found['nodes'])} in all)"
        for found in results.response["violations"]
    ]


def test_axe_and_the_ear_for_requests_do_find_what_is_wrong(opened):
    from axe_playwright_python.sync_playwright import Axe

    page, asked = opened(
        '<title>t</title><img src="https://example.com/a.png"><p style="color:#ccc">pale</p>'
    )
    assert asked[0] == "https://example.com/a.png"
    found = " ".join(_findings(Axe().run(page)))
    assert "image-alt" in found
    assert "color-contrast" in found
