"""Who one is and what answers: the two routes a script asks first."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from workbench.access.access import Access
from workbench.access.roles import Person, Role
from workbench.api.callers import caller
from workbench.bench import Workbench
from workbench.owner import workbench_version


class Me(BaseModel):
    """The caller."""

    name: str = Field(description="The name under which the caller votes.")
    role: Role = Field(description="What the caller may do.")
    signed_in: bool = Field(description="False for an anonymous visitor.")


class Health(BaseModel):
    """That the app answers."""

    status: str = Field(description="ok")
    version: str = Field(description="The workbench's version.")


def routes(bench: Workbench, access: Access) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["About"])

    @router.get("/me", operation_id="me")
    async def me(caller: Annotated[Person, Depends(caller(access, Role.VOTER))]) -> Me:
        """Return who the caller is and what they may do."""
        return Me(name=caller.name, role=caller.role, signed_in=caller.signed_in)

    @router.get("/criteria", operation_id="criteria")
    async def criteria(caller: Annotated[Person, Depends(caller(access, Role.VOTER))]) -> list[str]:
        """Return the criteria that votes can be cast on, the main one first."""
        return list(bench.settings.criteria)

    @router.get("/health", operation_id="health", openapi_extra={"security": []})
    async def health() -> Health:
        """Return that the app answers, and its version; nobody needs to be signed in."""
        return Health(status="ok", version=workbench_version())

    return router
