import pytest

from arena.errors import InvalidInput
from arena.models import check_options
from arena.models.options import endpoint_options, local_options, own_sampling
from arena.types import ModelKind, ModelSpec, Sampling


def spec(kind: ModelKind, **options) -> ModelSpec:
    return ModelSpec("m", kind, options)


def test_an_unknown_option_is_refused_with_the_valid_ones():
    with pytest.raises(InvalidInput) as refusal:
        check_options(spec(ModelKind.LOCAL, path="models/x", fourbit=True))
    assert "'fourbit'" in str(refusal.value)
    assert all(name in str(refusal.value) for name in ("path", "adapter", "four_bit", "system", "max_tokens"))
    assert "base_url" not in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "given", "missing"),
    [
        (ModelKind.LOCAL, {}, "'path'"),
        (ModelKind.LOCAL, {"path": None}, "'path'"),
        (ModelKind.ENDPOINT, {"base_url": "http://h/v1"}, "'model'"),
        (ModelKind.ENDPOINT, {}, "'base_url', 'model'"),
    ],
)
def test_a_missing_option_is_named(kind, given, missing):
    with pytest.raises(InvalidInput, match=f"needs the option {missing}"):
        check_options(spec(kind, **given))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("temperature", "warm"),
        ("temperature", True),
        ("top_p", 0),
        ("top_p", 1.5),
        ("max_tokens", 0),
        ("max_tokens", 2.5),
        ("system", "  "),
        ("path", ""),
        ("four_bit", "yes"),
        ("dtype", "float8"),
        ("device", "gpu"),
    ],
)
def test_an_impossible_value_is_refused_with_what_is_expected(name, value):
    with pytest.raises(InvalidInput, match=rf"m: {name} is .* must be "):
        check_options(spec(ModelKind.LOCAL, **{"path": "models/x", name: value}))


def test_good_options_come_back_typed():
    near = local_options(spec(ModelKind.LOCAL, path="models/x", four_bit=True, temperature=0))
    assert (near.path, near.four_bit, near.dtype, near.adapter) == ("models/x", True, "auto", None)
    far = endpoint_options(spec(ModelKind.ENDPOINT, base_url="https://h/v1/", model="x", timeout=5))
    assert (far.base_url, far.timeout, far.retries) == ("https://h/v1", 5.0, 2)


def test_a_models_own_sampling_overrides_the_callers():
    own = own_sampling(spec(ModelKind.RECORDED, temperature=0, max_tokens=9), Sampling(0.8, 0.9, 100, seed=3))
    assert own == Sampling(0.0, 0.9, 9, seed=3)


def test_the_callers_sampling_is_checked_too():
    with pytest.raises(InvalidInput, match="temperature is -1"):
        own_sampling(spec(ModelKind.RECORDED), Sampling(temperature=-1))
