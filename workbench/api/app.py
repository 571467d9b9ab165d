"""The API of an open home: the routes of the table, those written out, and its document."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.access.access import Access
from workbench.api import battles, downloads, faults, imports, jobs, me, page
from workbench.api.document import TAGS, complete
from workbench.api.routes import add_route
from workbench.api.table import TABLE
from workbench.api.votes import add_vote_route
from workbench.bench import Workbench
from workbench.owner import workbench_version

PREFIX = "/api/v1"


class ApiWay:
    """Middleware that gives the API every path under `PREFIX`, whatever stands in it, and `app` all others."""

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to one of the two."""
        if scope["type"] == "http" and (scope["path"] + "/").startswith(PREFIX + "/"):
            root = scope.get("root_path", "")
            await self._api({**scope, "root_path": root + PREFIX}, receive, send)
        else:
            await self._app(scope, receive, send)


def create_api(bench: Workbench, access: Access) -> FastAPI:
    """Return the API of an open home, to stand under `PREFIX` (see `ApiWay`)."""
    api = FastAPI(
        title="Workbench",
        version=workbench_version(),
        description="Everything the workbench can do; the app and the command line use the same verbs.",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        separate_input_output_schemas=False,
        openapi_tags=[{"name": name, "description": about} for name, about in TAGS],
    )
    faults.install(api)
    for written in (me, battles, jobs, imports, downloads):
        api.router.routes.extend(written.routes(bench, access).routes)
    for tag, lines in TABLE.items():
        for exposed in lines:
            add_route(api.router, bench, access, exposed, tag)
    add_vote_route(api, bench, access)
    complete(api)
    page.add_page(api)
    return api
