"""The settings file of a home: `workbench.toml`, read once at opening and checked here.

Keys never stand in it; an endpoint model names the environment variable that holds its key. Models declared in
`[[models]]` and judges in `[[judges]]` are registered when the home opens; those added by a command stand in the
database only.
"""

import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from arena.errors import InvalidInput
from arena.judgments import JudgeKind, JudgeSpec
from arena.types import DEFAULT_CRITERION, ModelKind, ModelSpec, Sampling
from judges.metrics import registry
from judges.spec import check_judge_options

FILE_NAME = "workbench.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SamplingSettings(_Strict):
    """How answers are drawn unless a model's own options say otherwise."""

    temperature: float = Field(0.8, ge=0, le=5)
    top_p: float = Field(1.0, gt=0, le=1)
    max_tokens: int = Field(1024, ge=1)

    def as_sampling(self, seed: int | None = None) -> Sampling:
        """Return the arena's value for these settings."""
        return Sampling(self.temperature, self.top_p, self.max_tokens, seed)


class ArenaSettings(_Strict):
    """The arena tab and battles."""

    prompt_set: str | None = Field(
        None, description="the set that 'Surprise me' draws from; all sets if absent"
    )
    daily_goal: int = Field(50, ge=1)
    reasons: tuple[str, ...] = ("Correct", "Clear", "Complete", "Concise", "Follows the request", "Safe")
    max_prompt_characters: int = Field(20_000, ge=1)


class PromotionSettings(_Strict):
    """When a tuned model replaces its parent: the lower end of its win rate clears 0.5 by `margin`."""

    margin: float = Field(0.0, ge=0, lt=0.5)
    min_battles: int = Field(50, ge=1)


class JudgingSettings(_Strict):
    """When a judge's votes count, see `judges.licence`; and which models (or judges) are of one family."""

    min_kappa: float = Field(0.4, ge=0, le=1)
    of_people: float = Field(0.7, ge=0, le=1)
    min_battles: int = Field(50, ge=2)
    max_bias: float = Field(0.1, gt=0, le=1)
    families: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class ModelEntry(_Strict):
    """One `[[models]]` entry."""

    name: str = Field(min_length=1)
    kind: ModelKind
    parent: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("options")
    @classmethod
    def _no_keys(cls, options: dict[str, Any]) -> dict[str, Any]:
        if "api_key" in options:
            raise ValueError("holds an API key; name the environment variable in `api_key_env` instead")
        return options

    def as_spec(self) -> ModelSpec:
        """Return the arena's value for this entry."""
        return ModelSpec(self.name, self.kind, self.options, self.parent)


class JudgeEntry(_Strict):
    """One `[[judges]]` entry."""

    name: str = Field(min_length=1)
    kind: JudgeKind
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _options_are_known(self) -> Self:
        try:
            check_judge_options(self.as_spec())
        except InvalidInput as error:
            raise ValueError(str(error).rstrip(".")) from None
        return self

    def as_spec(self) -> JudgeSpec:
        """Return the value that is stored for this entry."""
        return JudgeSpec(self.name, self.kind, self.options)


class Settings(_Strict):
    """Everything `workbench.toml` may say; every entry has a default."""

    criteria: tuple[str, ...] = (DEFAULT_CRITERION,)
    sampling: SamplingSettings = SamplingSettings()
    arena: ArenaSettings = ArenaSettings()
    promotion: PromotionSettings = PromotionSettings()
    judging: JudgingSettings = JudgingSettings()
    models: tuple[ModelEntry, ...] = ()
    judges: tuple[JudgeEntry, ...] = ()
    metrics: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="options of a metric by its name, such as the folder of its model"
    )

    @field_validator("metrics")
    @classmethod
    def _known_metrics(cls, metrics: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for name, options in metrics.items():
            if name not in registry.metric_names():
                raise ValueError(f"there is no metric {name}; there are {', '.join(registry.metric_names())}")
            if unknown := set(options) - set(registry.find(name).options):
                known = ", ".join(registry.find(name).options) or "none"
                raise ValueError(f"{name} has no option {min(unknown)}; it has {known}")
        return metrics


def load_settings(home: Path) -> Settings:
    """Read `workbench.toml` in `home`; a home without one has the defaults.

    Raises:
        InvalidInput: the file is not TOML, or an entry is unknown or has a value that cannot be used.
    """
    path = home / FILE_NAME
    if not path.exists():
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is not valid TOML: {error}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: save it as UTF-8.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path}: `{where}` cannot be used: {first['msg'].lower()}.") from error
