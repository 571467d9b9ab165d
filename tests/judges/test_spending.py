import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.store.judgments import Spent
from arena.types import Message
from judges.spending import Estimate, Estimator, Meter, Prices, prices_of, text_tokens

TEXTS = st.lists(st.text(max_size=200), min_size=1, max_size=4)


def asked(*texts: str) -> tuple[Message, ...]:
    return tuple(Message("user", text) for text in texts)


def test_english_is_about_four_characters_a_token_and_chinese_about_one():
    english = "The lighthouse keeper wrote down the hour, the wind and the tide." * 20
    assert text_tokens(english) == pytest.approx(len(english) / 4)
    chinese = "灯塔看守人记下了时间、风向和潮汐。" * 20
    assert 0.7 * len(chinese) < text_tokens(chinese) < 1.2 * len(chinese)
    russian = "Смотритель маяка записал час, ветер и прилив." * 20
    assert 0.4 * len(russian) < text_tokens(russian) < 0.7 * len(russian)


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_tokens_of_two_texts_add_up(one, other):
    assert text_tokens(one + other) == pytest.approx(text_tokens(one) + text_tokens(other))


@given(TEXTS, st.integers(1, 4000))
def test_nothing_takes_more_than_the_most(texts, max_tokens):
    estimate = Estimator(max_tokens).of(asked(*texts))
    assert 0 < estimate.prompt_tokens <= estimate.most_prompt_tokens
    assert estimate.completion_tokens == estimate.most_completion_tokens == max_tokens
    as_bytes = sum(len(text.encode()) for text in texts)
    assert estimate.most_prompt_tokens >= as_bytes


def test_a_judges_history_tells_how_many_characters_a_token_has_and_how_long_its_replies_are():
    history = Spent(10, 1000, 500, 0.0, 3.0, 50.0, 1.0)
    estimate = Estimator(400, history).of(asked("x" * 300))
    assert estimate == Estimate(100.0, 50.0, 125, 400)


def test_a_history_that_knows_no_tokens_changes_nothing():
    history = Spent(10, 0, 0, 0.0, None, None, None)
    assert Estimator(400, history).of(asked("abc")) == Estimator(400).of(asked("abc"))


def test_estimates_follow_what_replies_tell():
    estimator = Estimator(400)
    before = estimator.of(asked("x" * 400))
    for _ in range(5):
        estimator.learn(asked("x" * 400), 208, 30)
    after = estimator.of(asked("x" * 400))
    assert before.prompt_tokens == 104 and before.completion_tokens == 400
    assert after.prompt_tokens == pytest.approx(208) and after.completion_tokens == 30
    assert after.most_prompt_tokens == 260 and after.most_completion_tokens == 400


def test_replies_without_tokens_teach_nothing():
    estimator = Estimator(400)
    before = estimator.of(asked("hello"))
    estimator.learn(asked("hello"), None, None)
    assert estimator.of(asked("hello")) == before


def test_prices_are_for_a_million_tokens():
    assert Prices(3.0, 15.0).cost(1_000_000, 100_000) == pytest.approx(4.5)
    assert prices_of(None, None) is None
    assert prices_of(0.0, 0.0) == Prices(0.0, 0.0)


@pytest.mark.parametrize(
    ("given_", "word"), [((1.0, None), "price_out"), ((None, 1.0), "price_in"), ((-1, 1), "-1")]
)
def test_half_a_price_or_a_negative_one_is_refused(given_, word):
    with pytest.raises(InvalidInput, match=word):
        prices_of(*given_)


@pytest.mark.parametrize("ceiling", [{"max_cost": -0.5}, {"max_tokens": -1}])
def test_a_negative_ceiling_is_refused(ceiling):
    with pytest.raises(InvalidInput, match="0 or more"):
        Meter(Prices(1, 1), ceiling.get("max_cost"), ceiling.get("max_tokens"))


CALL = Estimate(80.0, 20.0, 100, 50)
calls = st.lists(
    st.tuples(st.integers(1, 100), st.integers(0, 50), st.booleans(), st.booleans()), min_size=1, max_size=60
)


@given(calls, st.integers(0, 3000), st.integers(1, 8))
def test_as_long_as_no_call_takes_more_than_its_most_the_ceilings_hold(plan, max_tokens, slots):
    prices = Prices(2.0, 6.0)
    max_cost = max_tokens * 3e-6
    meter = Meter(prices, max_cost, max_tokens)
    flying: list[tuple[int, int, bool, bool]] = []
    tokens = 0
    for call in [*plan, *[None] * slots]:
        while flying and (call is None or len(flying) == slots):
            prompt, new, told, charged = flying.pop(0)
            meter.settle(CALL, prompt if told else None, new if told else None, charged=charged)
            tokens += (prompt + new) if told else 100 * charged
        if call is not None and meter.reserve(CALL):
            flying.append(call)
    assert tokens <= max_tokens
    assert (meter.cost or 0.0) <= max_cost + 1e-12
    assert meter.exhausted(CALL) != meter.reserve(CALL), "with nothing in flight, a call fits or never will"


def test_a_call_waits_while_those_in_flight_may_use_up_the_ceiling():
    meter = Meter(None, None, 300)
    assert meter.reserve(CALL) and meter.reserve(CALL)
    assert not meter.reserve(CALL) and not meter.exhausted(CALL)
    meter.settle(CALL, 80, 20, charged=True)
    assert not meter.reserve(CALL) and not meter.exhausted(CALL)
    meter.settle(CALL, 80, 20, charged=True)
    assert not meter.exhausted(Estimate(50, 10, 60, 40))
    assert meter.exhausted(CALL)


def test_what_is_not_told_counts_for_the_ceiling_and_not_for_the_bill():
    meter = Meter(Prices(1.0, 1.0), 1.0, 1000)
    assert meter.reserve(CALL)
    assert meter.settle(CALL, None, None, charged=True) is None
    assert (meter.prompt_tokens, meter.cost) == (0, 0.0)
    assert "100 spent" in meter.ceiling()


def test_what_was_certainly_not_charged_counts_for_nothing():
    meter = Meter(Prices(1.0, 1.0), 1.0, 1000)
    assert meter.reserve(CALL)
    assert meter.settle(CALL, None, None, charged=False) is None
    assert "(0 spent)" in meter.ceiling()
