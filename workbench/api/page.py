"""The API's document as a page, drawn once on the server and loading nothing from anywhere else."""

from functools import cache

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from workbench.views import api_docs


def add_page(api: FastAPI) -> None:
    """Add the page at `/docs`; whoever may see what is served may read how to ask for it."""

    @cache
    def drawn() -> str:
        return api_docs.page(api.openapi())

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(drawn())
