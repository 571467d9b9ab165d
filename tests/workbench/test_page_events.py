"""What a page asks of the browser and of the server: little, however many tabs it has."""

import gradio as gr

from workbench.access.roles import Role
from workbench.pages import build
from workbench.tabs.jobs import News


def test_the_progress_of_every_handler_is_noted_on_one_part(home):
    config = build(home, Role.ADMIN).get_config_file()
    noted = {tuple(handler["show_progress_on"]) for handler in config["dependencies"]}
    assert len(config["dependencies"]) > 100 and len(noted) == 1 and len(next(iter(noted))) == 1


def test_a_tab_that_is_opened_asks_once(home):
    config = build(home, Role.ADMIN).get_config_file()
    asked = [
        target for handler in config["dependencies"] for target in handler["targets"] if target[1] == "select"
    ]
    assert len(asked) == len({part for part, _ in asked}) == 11


def test_news_are_asked_for_only_where_the_tab_is_seen():
    with gr.Blocks() as page:
        news, shown = News("jobs"), gr.HTML()
        news.on_tick(lambda: ("new", gr.update(active=True)), [], [shown, news.timer])
    (handler,) = page.fns.values()
    assert "getElementById('jobs')" in str(handler.js)
    assert handler.fn(True)[0] == "new"
    left, timer = handler.fn(False)
    assert left == gr.skip() and timer["active"] is False
