"""A home whose answers are hostile, long, in formulae or in other directions, and whose voters are asked for more."""

from pathlib import Path

from arena.types import Answer, ModelKind, ModelSpec, Prompt
from workbench.bench import Workbench

SETTINGS = 'criteria = ["overall", "helpful", "safe"]\n'
LONG_NAME = "an-organisation-with-a-long-name/" + "model-of-many-merges-" * 5 + "q4"
FORMULAE = r"""The roots of $ax^2+bx+c=0$ are

$$x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}$$

It costs $5, or $5 to $6, and \(e^{i\pi}+1=0\). Broken: $\frac{1$."""
MIXED = "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd.\n\nPlain \u202etxet desrever\n\nAfter it."

COVER = (
    '<div id="vote-a" class="vote-a" style="position:fixed;inset:0;z-index:99999;background:red">Cover</div>\n'
    '<dialog open id="next"><form method=dialog><button class="next">Next</button></form></dialog>\n\n'
    r"$\style{position:fixed;inset:0}{\text{cover}}$ $\hspace{9999em}x$ $\rule{900em}{900em}$"
)
TEMPLATE = (
    "${window.harmed = 1} {{window.harmed = 2}} `${window.harmed = 3}` [a](https://e.example/${window.harmed=4})\n\n"
    "| ${window.harmed=5} |\n|---|\n| `{{#each x}}` |\n\n"
    "$\\text{${window.harmed = 6}}$\n\n```\n${window.harmed = 7}\n```"
)
BREAKING = (
    "</div></div></div></section></body></html><!-- <![CDATA[ <textarea> <title> <plaintext>\n\n"
    "\u2028\u2029\x07 &#60;script&#62;window.harmed = 8&#60;/script&#62; &lt;img src=x onerror=window.harmed=9&gt;\n\n"
    "<svg><script>window.harmed=10</script></svg><math><mtext><img src=x onerror=window.harmed=11></mtext></math>\n\n"
    r"$\text{<img src=x onerror=window.harmed=12>}$ \[\text{</math><script>window.harmed=13</script>}\]"
)
FETCHING = (
    "![pixel](https://elsewhere.invalid/p.png) ![][r] <img src=https://elsewhere.invalid/q.png>\n\n"
    "[r]: https://elsewhere.invalid/r.png\n\n<link rel=stylesheet href=https://elsewhere.invalid/s.css>\n"
    "<iframe src=https://elsewhere.invalid></iframe> <meta http-equiv=refresh content='0;url=https://elsewhere.invalid'>"
)
FORMS = (
    '<form action="/sign-out" method="post"><input name="prompt" autofocus><button id="start">Start</button></form>\n'
    '<button data-example="harm" data-tab="Models" data-do="stop" data-theme-switch>Press me</button>\n\n'
    "[one](#vote-a) [two](/exports/x.parquet) [three](//elsewhere.invalid) [four](data:text/html,x)"
)
MARKS = (
    "\u202e\u2066\u2067\u200f" * 40
    + "A is better\n\n"
    + "Z"
    + "\u0300\u0315\u0322\u0334" * 200
    + "\n\n\u202d\u2068end"
)
ONE_LINE = "word" * 25_000
ONE_LINE_OF_CODE = "```\n" + "x=1;" * 25_000 + "\n```"
BRACKETS = "[" * 30_000 + "\n\n" + "> " * 600 + "deep\n\n" + "|" * 300 + "\n" + "|-" * 300 + "\n" + "|x" * 300

HOSTILE = {
    "cover the page": COVER,
    "run as a template": TEMPLATE,
    "break out of the pane": BREAKING,
    "fetch from elsewhere": FETCHING,
    "hold a form": FORMS,
    "turn the text around": MARKS,
    "fill one line": ONE_LINE,
    "fill one line of code": ONE_LINE_OF_CODE,
    "nest without end": BRACKETS,
}
"""What each prompt asks for, and what both models answer."""

QUESTION, MATHS, DIRECTIONS = "What floats?", "Solve it.", "Say hello."
PLAIN = {
    QUESTION: ("Wood floats.", "Stones do."),
    MATHS: (FORMULAE, "It is $x=1$."),
    DIRECTIONS: (MIXED, "Hello."),
}


def furnish(home: Path) -> None:
    """Make the home: two recorded models, one of them with a very long name."""
    (home / "workbench.toml").write_text(SETTINGS, encoding="utf-8")
    names = ("finch", LONG_NAME)
    with Workbench.open(home) as bench:
        for name in names:
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        answered = PLAIN | {text: (answer, answer) for text, answer in HOSTILE.items()}
        bench.store.prompts.add("answers", [Prompt.from_text(text) for text in answered])
        for text, texts in answered.items():
            for name, answer in zip(names, texts, strict=True):
                said = Answer(name, answer, finish_reason="recorded")
                bench.store.answers.add(Prompt.from_text(text), [said], recorded=True)
