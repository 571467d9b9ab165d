"""Formulae of answers: typeset where they can be read, their source where not, and harmless either way."""

import html
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.markdown import Stream, render
from workbench.maths import LONGEST, formula


def typeset(text: str) -> list[str]:
    """The TeX sources of the formulae that are typeset in a text."""
    return [html.unescape(source) for source in re.findall(r'alttext="([^"]*)"', render(text))]


def sources(text: str) -> list[str]:
    """The formulae that are shown as they were written."""
    return [html.unescape(source) for source in re.findall(r'<code class="tex">(.*?)</code>', render(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The roots of $x^2=1$ are plain.", ["x^2=1"]),
        (r"So \(e^{i\pi}+1=0\) holds.", [r"e^{i\pi}+1=0"]),
        ("It is $$y = 1$$ then.", ["y = 1"]),
        ("$$\ny = 1\n$$", ["y = 1"]),
        ("Then\n\\[\ny = 1\n\\]\nand on.", ["y = 1"]),
        (
            "\\begin{align}\na &= 1 \\\\\nb &= 2\n\\end{align}",
            ["\\begin{align}\na &= 1 \\\\\nb &= 2\n\\end{align}"],
        ),
        ("- first $a$\n- second\n\n  $$\n  b\n  $$", ["a", "b"]),
        ("> $$\n> c\n> $$", ["c"]),
        ("| a | b |\n|---|---|\n| $x$ | $y$ |", ["x", "y"]),
        ("# About $x$", ["x"]),
    ],
)
def test_formulae_are_found_by_all_their_marks(text, found):
    assert typeset(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5, or $5 to $6.",
        "From $5/$6 up to US$7 and $8.",
        "A single $ or two $$ alone",
        r"\$x\$ is escaped, and so is \\(x\\)",
        "`$x$` and\n\n    $$\n    code\n    $$\n\n```\n$x$\n```",
        "An open \\( and an open \\[ and an open $$ end nowhere",
        "$$\n\nblank lines end a formula\n\n$$",
        "${HOME} and `${PATH}`",
    ],
)
def test_money_code_and_open_marks_stay_text(text):
    assert typeset(text) == sources(text) == []


def test_a_formula_on_its_own_lines_is_a_block():
    assert 'display="block"' in render("$$\nx\n$$")
    assert 'display="inline"' in render("so $x$")


@pytest.mark.parametrize(
    "broken",
    [r"\frac{1", "x^", r"\left( x", r"\unknowncommand{x}", r"\begin{align} a &= b", "{", r"\sqrt" * 900],
)
def test_a_formula_that_cannot_be_read_is_shown_as_written(broken):
    assert formula(broken, False) is None
    assert sources(f"so ${broken}$") == [f"${broken}$"]


@pytest.mark.parametrize(
    ("hostile", "forbidden"),
    [
        (r"\href{javascript:alert(1)}{x}", "href="),
        (r"\style{position:fixed;inset:0}{x}", "style="),
        (r"\class{vote-a}{x}", 'class="vote'),
        (r"\text{<img src=x onerror=alert(1)>}", "<img"),
        (r"\text{<script>alert(1)</script>}", "<script"),
        (r"\text{&lt;script&gt;}", "<script"),
        (r"\mathrm{</math><form>}", "<form"),
        (r"\color{red;background:url(//e.example)}{x}", "url("),
        (r"\hspace{99999em}x", '99999em"'),
        (r"\text{\${window.harmed}}", "${"),
    ],
)
def test_a_formula_carries_neither_markup_nor_template_nor_size(hostile, forbidden):
    for text in (f"so ${hostile}$", f"\\[{hostile}\\]"):
        built = re.sub(r'alttext="[^"]*"', "", render(text)).replace('<code class="tex">', "")
        assert forbidden not in built


_PIECES = [
    r"\frac",
    "{",
    "}",
    "x",
    "^",
    "_",
    "&",
    "\\\\",
    r"\text{",
    "<b>",
    "$",
    r"\left(",
    r"\right)",
    "'",
    "`",
    "\n",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_whatever_stands_in_a_formula_the_page_gets_well_formed_elements(content):
    for text in (f"${content}$", f"$${content}$$", rf"\({content}\)", f"\\[\n{content}\n\\]"):
        built = render(text)
        ElementTree.fromstring(f"<div>{built}</div>")
        assert not set("${`") & set(built)


def test_a_very_long_formula_and_very_many_of_them_are_shown_as_source():
    assert formula("a" * (LONGEST + 1), False) is None
    many = render("\n\n".join(f"$x_{{{number}}} + 1234567890$" for number in range(1000)))
    assert 0 < many.count("<math") < 1000
    assert many.count("<math") + many.count('class="tex"') == 1000


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "![" * 50_000, "_a" * 50_000, "$" * 100_000, "\\(" * 50_000, "\\begin{align}\n" * 7_000,
     "- a\n" * 25_000, "x\n" * 50_000, "a" * 100_000, "|a|b|\n|-|-|\n" + "|x|y|\n" * 12_000],
)  # fmt: skip
def test_texts_that_ask_for_endless_work_are_shown_whole(text):
    shown = html.unescape(re.sub(r"<[^>]+>", "", render(text)))
    for mark in "|-\n ":
        shown, text = shown.replace(mark, ""), text.replace(mark, "")
    assert shown == text


def test_a_block_that_grows_beyond_measure_is_shown_as_written_until_it_is_complete():
    stream = Stream()
    text = "# Title\n\n" + "- item\n" * 5000
    stream.blocks(text[:40])
    blocks = stream.blocks(text)
    assert "<h3" in blocks[0]
    assert blocks[-1].count("- item") == 5000


def test_blocks_and_cells_run_the_way_their_first_letters_do():
    built = render(
        "\u05e9\u05dc\u05d5\u05dd\n\n- one\n\n| a |\n|---|\n| \u0645\u0631\u062d\u0628\u0627 |\n\n# T\n\n> q"
    )
    for element in (
        '<p dir="auto">',
        '<ul dir="auto">',
        '<td dir="auto">',
        '<h3 dir="auto">',
        '<blockquote dir="auto">',
    ):
        assert element in built
    assert '<pre dir="ltr">' in render("```\n\u202ex\n```")


def test_a_streamed_text_with_formulae_ends_as_the_whole_one():
    text = "So $x^2$ and\n\n$$\na = b\n$$\n\nthen \\(y\\):\n\\[\nz\n\\]\n\n\\begin{align}\na &= b\n\\end{align}\n\nEnd."
    stream = Stream()
    for end in range(len(text) + 1):
        blocks = stream.blocks(text[:end])
    assert "".join(blocks) == render(text)
