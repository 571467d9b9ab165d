import shutil

import pytest

from arena.errors import InvalidInput, ModelFailed
from arena.models.encoder import load_encoder
from tests.support.encoders import WORDS, make_encoder, write_tokenizer

IDS = [2, 5, 6, 7, 3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_a_kept_layer_is_the_hidden_state_of_the_whole_model(folder, layer):
    import torch
    from transformers import AutoModel

    with torch.no_grad():
        states = AutoModel.from_pretrained(folder).eval()(torch.tensor([IDS]), output_hidden_states=True)
    [found] = load_encoder(str(folder), layers=layer, device="cpu").hidden([IDS])
    torch.testing.assert_close(found, states.hidden_states[layer][0], atol=1e-5, rtol=0)


KINDS = {
    "RobertaModel": {"num_hidden_layers": 3},
    "DistilBertModel": {"n_layers": 3, "dim": 32, "n_heads": 2, "hidden_dim": 64},
    "AlbertModel": {"num_hidden_layers": 3, "embedding_size": 16},
    "MPNetModel": {"num_hidden_layers": 3},
    "DebertaV2Model": {"num_hidden_layers": 3},
    "ElectraModel": {"num_hidden_layers": 3, "embedding_size": 32},
    "XLMModel": {"n_layers": 3, "emb_dim": 32, "n_heads": 2},
    "T5EncoderModel": {"num_layers": 3, "d_model": 32, "d_kv": 16, "num_heads": 2, "d_ff": 64},
    "BartModel": {"encoder_layers": 3, "decoder_layers": 3, "d_model": 32},
}
SIZES = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "vocab_size": 40}
HEADS = {
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
}


@pytest.mark.parametrize("kind", KINDS)
def test_layers_are_left_out_of_every_usual_architecture(tmp_path, kind):
    import torch
    import transformers

    family = getattr(transformers, kind)
    settings = family.config_class(**{**SIZES, **HEADS, **KINDS[kind], "pad_token_id": 1})
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = family(settings).eval()
    model.save_pretrained(tmp_path)
    write_tokenizer(tmp_path)
    encoder = model.encoder if hasattr(model, "encoder") and hasattr(model, "decoder") else model
    with torch.no_grad():
        states = encoder(torch.tensor([IDS]), output_hidden_states=True).hidden_states
    loaded = load_encoder(str(tmp_path), layers=2, device="cpu")
    [found] = loaded.hidden([IDS])
    expected = states[2][0]
    if kind == "T5EncoderModel":
        expected = encoder.encoder.final_layer_norm(expected)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert loaded.limit == 64


def test_a_row_s_vectors_do_not_depend_on_longer_rows(folder):
    import torch

    encoder = load_encoder(str(folder), layers=2, device="cpu")
    [alone] = encoder.hidden([IDS])
    beside, longer = encoder.hidden([IDS, list(range(5, 25))])
    assert alone.shape == beside.shape == (5, 32) and longer.shape == (20, 32)
    torch.testing.assert_close(beside, alone, atol=1e-5, rtol=0)


def test_positions_of_roberta_begin_after_its_padding(tmp_path):
    import torch
    import transformers

    settings = transformers.RobertaConfig(
        **SIZES, num_hidden_layers=1, pad_token_id=1, max_position_embeddings=34
    )
    with torch.random.fork_rng():
        transformers.RobertaModel(settings).save_pretrained(tmp_path)
    write_tokenizer(tmp_path)
    encoder = load_encoder(str(tmp_path), device="cpu")
    assert encoder.limit == 32
    [longest] = encoder.hidden([[5] * 32])
    assert longest.shape == (32, 32)
    with pytest.raises(ModelFailed, match="failed while it encoded"):
        encoder.hidden([[5] * 33])


def test_a_layer_that_is_not_there_is_refused(folder):
    with pytest.raises(InvalidInput, match="has 3 layers, so layer 5 cannot be used"):
        load_encoder(str(folder), layers=5)


def test_weights_with_holes_are_refused_but_a_pooler_may_be_missing(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    for part, works in (("pooler", True), ("layer.1.output", False)):
        copied = shutil.copytree(folder, tmp_path / part)
        weights = load_file(copied / "model.safetensors")
        kept = {name: tensor for name, tensor in weights.items() if part not in name}
        assert len(kept) < len(weights)
        save_file(kept, copied / "model.safetensors", metadata={"format": "pt"})
        if works:
            assert len(load_encoder(str(copied), layers=2, device="cpu").hidden([IDS])) == 1
        else:
            with pytest.raises(ModelFailed, match="incomplete"):
                load_encoder(str(copied), layers=2)


def test_the_vocabulary_of_the_tests_is_known_to_its_tokenizer(folder):
    tokenizer = load_encoder(str(folder)).tokenizer
    assert tokenizer.tokenize("the cats sat") == ["the", "cat", "##s", "sat"]
    assert len(tokenizer) == 5 + len(WORDS)
