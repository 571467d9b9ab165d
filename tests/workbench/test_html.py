"""The page shows strangers' text as text."""

import html as standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.html import Html, escape, join, number, percent, plural, signed, tag
from workbench.markdown import Stream, render

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "${document.title}",
    "{{constructor.constructor('alert(1)')()}}",
    "`${1}`",
    "' onmouseover='alert(1)",
]


@given(st.text())
def test_an_escaped_text_reads_back_as_the_same_text(text: str) -> None:
    assert standard.unescape(escape(text)) == text.replace("\x00", "\ufffd")


@given(st.text())
def test_an_escaped_text_holds_no_character_that_could_end_a_tag_or_open_a_template(text: str) -> None:
    assert not set("<>\"'${`\x00") & set(escape(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_in_elements_and_in_attributes(text: str) -> None:
    built = tag("p", text, title=text, data_name=text)
    assert built.count("<") == 2
    assert "${" not in built
    assert "{{" not in built
    assert standard.unescape(built).count(text) == 3


def test_children_are_nested_and_nothing_is_escaped_twice() -> None:
    inner = tag("b", "a & b")
    assert tag("p", [inner, None, ["<", 3]], class_="x") == '<p class="x"><b>a &amp; b</b>&lt;3</p>'


def test_html_joined_with_plain_text_is_plain_again_and_gets_escaped() -> None:
    mixed = tag("b", "x") + "<i>"
    assert not isinstance(mixed, Html)
    assert "<i>" not in join(mixed)


@pytest.mark.parametrize(
    "attributes",
    [
        {"onclick": "x"},
        {"ONLOAD": "x"},
        {"href": "javascript:alert(1)"},
        {"href": "//elsewhere.example"},
        {"src": "https://elsewhere.example/a.png"},
        {"style": "background:url(https://elsewhere.example)"},
        {"style": "width:1px;x:expression('a')"},
    ],
)
def test_an_attribute_that_could_carry_code_or_fetch_is_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        tag("a", "x", **attributes)


def test_bare_and_absent_attributes() -> None:
    assert tag("th", hidden=True, title=None, id=False, aria_label="a") == '<th hidden aria-label="a"></th>'


def test_numbers_read_well() -> None:
    assert number(-1234.5, 1) == "\u22121,234.5"
    assert number(-0.01) == "0"
    assert signed(3) == "+3"
    assert signed(-3) == "\u22123"
    assert signed(0.2) == "0"
    assert percent(0.5) == "50\u202f%"
    assert plural(1, "vote") == "1 vote"
    assert plural(1200, "reply", "replies") == "1,200 replies"


@pytest.mark.parametrize(
    "answer",
    [
        "<script>alert(1)</script>",
        "a <b onclick=x>b</b> <form action=/x><input name=y></form>",
        '<div style="position:fixed;inset:0">cover</div>',
        "```html\n<script>alert(1)</script>\n```",
        "    <iframe src=x></iframe>",
        "`<svg onload=x>`",
        "|a|\n|-|\n|<style>*{}</style>|",
    ],
)
def test_raw_html_in_an_answer_arrives_as_text(answer: str) -> None:
    built = render(answer)
    for name in ("script", "form", "input", "style", "iframe", "svg", "b ", "div style"):
        assert f"<{name}" not in built
    assert "alert" not in answer or "alert" in built


def test_an_image_becomes_a_link_and_is_never_fetched() -> None:
    built = render("![a cat](https://elsewhere.example/cat.png)")
    assert "<img" not in built
    assert "image: a cat" in built
    assert 'rel="noopener noreferrer nofollow"' in built


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "/gradio_api/x", "vbscript:x", " JaVaScRiPt:x"]
)
def test_a_link_that_does_not_lead_to_the_web_stays_text(url: str) -> None:
    assert "href" not in render(f"[click]({url}) ![see]({url})")


def test_a_reference_definition_cannot_smuggle_a_link() -> None:
    assert "href" not in render("[click][1]\n\n[1]: javascript:alert(1)")


def test_template_characters_of_an_answer_are_entities() -> None:
    built = render("${HOME} {{x}} `${y}`\n\n```js\n`${z}`\n```\n\n[a](https://e.example/${q})")
    assert not set("${`") & set(built)


def test_headings_of_an_answer_sit_below_those_of_the_page() -> None:
    assert "<h3 " in render("# One")
    assert "<h6 " in render("###### Six")


def test_code_is_coloured_by_class_names_only() -> None:
    built = render("```python\nreturn 1\n```")
    assert 'class="c-k"' in built
    assert "style=" not in built


def test_an_unknown_language_is_shown_plain() -> None:
    assert "x &lt; y" in render("```nosuchlanguage\nx < y\n```")


TEXT = """# Title

Some *text* with a list:

- one
- two

  still two

```python
def f():

    return 1
```

| a | b |
|---|---|
| 1 | 2 |

> quoted
> more

1. first

2. second

End."""


def test_a_streamed_text_ends_as_the_same_html_as_the_whole_one() -> None:
    stream = Stream()
    for end in range(0, len(TEXT) + 1):
        blocks = stream.blocks(TEXT[:end])
    assert "".join(blocks) == render(TEXT)


@given(
    st.lists(
        st.sampled_from(
            ["a", "\n", "\n\n", "- x", "```", "> q", "#", " ", "|a|b|\n|-|-|\n", "1. y", "    z", "---"]
        ),
        max_size=25,
    )
)
def test_any_streamed_text_ends_as_the_same_html_as_the_whole_one(pieces: list[str]) -> None:
    stream = Stream()
    text = ""
    blocks: list[Html] = []
    for piece in pieces:
        text += piece
        blocks = stream.blocks(text)
    assert "".join(blocks) == render(text)


def test_a_text_that_is_replaced_starts_afresh() -> None:
    stream = Stream()
    stream.blocks("one\n\ntwo\n\nthree")
    assert "".join(stream.blocks("other")) == render("other")
