"""Encoders that the tests of this folder share."""

from pathlib import Path

import pytest

from tests.support.encoders import make_encoder, sentence_model


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoders") / "tiny-encoder")


@pytest.fixture(scope="session")
def minilm() -> Path:
    return sentence_model()
