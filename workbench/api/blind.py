"""A battle as its voter may see it: an id and texts; names once their own vote stands, or for those who may look."""

from uuid import UUID

from pydantic import BaseModel, Field

from arena.types import Battle, Prompt, Vote, Winner


class Said(BaseModel):
    """One message of a prompt."""

    role: str = Field(description="system, user or assistant.")
    content: str = Field(description="Its text.")


class Reply(BaseModel):
    """What one side answered."""

    text: str = Field(description="The answer in Markdown.")
    failed: bool = Field(description="Whether the model gave no usable answer.")


class BlindTurn(BaseModel):
    """One turn: what was asked after the prompt (null in the first turn), and both answers."""

    user: str | None = None
    answer_a: Reply
    answer_b: Reply


class StandingVote(BaseModel):
    """The caller's standing vote."""

    winner: Winner
    criterion: str
    reasons: list[str]
    comment: str | None = None


class BlindBattle(BaseModel):
    """A battle without names, unless the caller's own vote on it stands."""

    battle_id: UUID
    prompt: list[Said]
    turns: list[BlindTurn]
    votable: bool = Field(description="Whether both sides answered every turn.")
    votes: list[StandingVote] = Field(
        default=[], description="The caller's own standing votes, one a criterion."
    )
    model_a: str | None = Field(default=None, description="Who side A is; null until the caller has voted.")
    model_b: str | None = Field(default=None, description="Who side B is; null until the caller has voted.")


def prompt_of(prompt: Prompt | None) -> list[Said]:
    """Return a prompt's messages; what is known about it (its reference above all) stays here."""
    return [Said(role=message.role, content=message.content) for message in prompt.messages] if prompt else []


def blind(battle: Battle, own: list[Vote], *, named: bool = False) -> BlindBattle:
    """Return a battle as somebody may see it whose standing votes on it are `own`; with `named` names are shown."""
    shown = named or bool(own)
    return BlindBattle(
        battle_id=battle.battle_id,
        prompt=prompt_of(battle.prompt),
        turns=[
            BlindTurn(
                user=turn.user,
                answer_a=Reply(text=turn.answer_a.text, failed=turn.answer_a.failed),
                answer_b=Reply(text=turn.answer_b.text, failed=turn.answer_b.failed),
            )
            for turn in battle.turns
        ],
        votable=battle.votable,
        votes=[
            StandingVote(
                winner=vote.winner, criterion=vote.criterion, reasons=list(vote.reasons), comment=vote.comment
            )
            for vote in own
            if vote.winner is not None
        ],
        model_a=battle.model_a if shown else None,
        model_b=battle.model_b if shown else None,
    )
