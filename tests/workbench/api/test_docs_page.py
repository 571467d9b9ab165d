"""The page of the API: every route with its words, nothing from elsewhere, and no text that could act."""

import re

import pytest
from fastapi.testclient import TestClient

from workbench.access.access import Access
from workbench.api.app import create_api


@pytest.fixture
def api(bench):
    return create_api(bench, Access(bench.home, bench.settings, owner_token="t"))


def test_the_page_shows_every_route_of_the_document(api):
    page = TestClient(api).get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    document = api.openapi()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) > 90
    for operation in operations:
        assert f'id="{operation["operationId"]}"' in page.text


def test_the_page_loads_nothing_from_anywhere_else(api):
    page = TestClient(api).get("/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert loaded
    assert not [
        address for address in loaded if not address.startswith(("/", "#")) or address.startswith("//")
    ]


def test_every_operation_says_what_it_does_what_its_parameters_mean_and_who_may(api):
    document = api.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"] and operation["description"], where
            assert operation.get("x-role") or path == "/health", where
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description"), f"{where} {parameter['name']}"
            for status in ("401", "403", "404", "422", "429"):
                assert status in operation["responses"], where


def test_every_field_of_a_body_is_described(api):
    document = api.openapi()
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None or "$ref" not in content["schema"]:
                continue
            body = schemas[content["schema"]["$ref"].rpartition("/")[2]]
            for name, field in body["properties"].items():
                assert field.get("description"), f"{method} {path}: {name}"


def test_no_path_names_what_only_this_machine_may_ask(api):
    assert not [path for path in api.openapi()["paths"] if path.startswith("/own")]
