"""The settings file of a home: `workbench.toml`, read once at opening and checked here.

Keys never stand in it; an endpoint model names the environment variable that holds its key. Models declared in
`[[models]]` and judges in `[[judges]]` are registered when the home opens; those added by a command stand in the
database only.
"""

import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from arena.errors import InvalidInput
from arena.judgments import JudgeKind, JudgeSpec
from arena.pairing.policies import Policy
from arena.types import DEFAULT_CRITERION, ModelKind, ModelSpec, Sampling
from judges.metrics import registry
from judges.spec import check_judge_options
from workbench.access.roles import Role

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
    pairing: Policy = Field(
        "active",
        description="which pair meets next: active, new, few or uniform, see docs/ratings.md",
    )
    target_width: float = Field(
        15.0, gt=0, description="the board is sure enough at mean 95 % intervals of ± so many points"
    )


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


class AccessSettings(_Strict):
    """Who may open the app, and what stands in front of it; see docs/access.md."""

    anonymous: Literal["none", "voter", "analyst", "admin"] | None = Field(
        None, description="what people who do not sign in may do; absent: see `workbench.access.policy`"
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="names under which the app is reached, beside localhost"
    )
    proxy_addresses: tuple[str, ...] = Field(
        (), description="addresses or networks whose headers are believed"
    )
    proxy_header: str | None = Field(
        None, min_length=1, description="the header in which a proxy names the person"
    )
    proxy_role: Role = Field(Role.VOTER, description="the role of a person whom users.toml does not list")
    session_days: float = Field(14, gt=0, le=365)

    @field_validator("allowed_hosts")
    @classmethod
    def _plain_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not name or set(name) & set(" /@\\") or "*" in name.removeprefix("*."):
                raise ValueError(f"{name!r} is not a host's name such as arena.example.org or *.example.org")
        return tuple(name.lower() for name in names)

    @field_validator("proxy_addresses")
    @classmethod
    def _addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for address in given:
            try:
                ip_network(address, strict=False)
            except ValueError:
                raise ValueError(f"{address!r} is not an IP address or network") from None
        return given

    @model_validator(mode="after")
    def _a_header_needs_proxies(self) -> Self:
        if self.proxy_header is not None and not self.proxy_addresses:
            raise ValueError("proxy_header needs proxy_addresses: whoever is not in them could name anybody")
        return self


class LimitSettings(_Strict):
    """How often and how much; 0 is no limit. Administrators have none but those of size."""

    battles_per_minute: int = Field(30, ge=0, description="of one voter")
    votes_per_minute: int = Field(120, ge=0, description="of one voter")
    battles_per_minute_of_address: int = Field(
        300, ge=0, description="of all anonymous voters of one address"
    )
    votes_per_minute_of_address: int = Field(1200, ge=0, description="of all anonymous voters of one address")
    sign_in_per_minute: int = Field(20, ge=0, description="attempts from one address")
    max_upload_mb: int = Field(2048, ge=1)


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

    criteria: tuple[Annotated[str, Field(min_length=1)], ...] = Field((DEFAULT_CRITERION,), min_length=1)
    sampling: SamplingSettings = SamplingSettings()
    arena: ArenaSettings = ArenaSettings()
    promotion: PromotionSettings = PromotionSettings()
    judging: JudgingSettings = JudgingSettings()
    access: AccessSettings = AccessSettings()
    limits: LimitSettings = LimitSettings()
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
