from arena.pairing.candidates import able
from arena.types import ModelKind, ModelSpec, Prompt


def test_recorded_models_meet_only_on_prompts_they_have_answered():
    known, new = Prompt.from_text("Known?"), Prompt.from_text("New?")
    old, older = (ModelSpec(name, ModelKind.RECORDED) for name in ("old", "older"))
    live = ModelSpec("live", ModelKind.ENDPOINT)
    answered = {"old": {known.prompt_id}, "older": set()}
    assert able([old, older, live], known, answered.__getitem__) == [old, live]
    assert able([old, older, live], new, answered.__getitem__) == [live]
