"""BERTScore (Zhang et al. 2020, arXiv:1904.09675, section 3), from any encoder in a folder.

Each token of a text is matched with the most similar token of the other (cosine of their vectors in one layer):
precision is the mean over the text's tokens, recall over the reference's, F1 their harmonic mean, which is the number.
Tokenisation, weights of rare tokens, tuned layers, baselines and the signature are those of the package bert_score.

The matching is our own, because bert_score pads the pairs of a batch to one length and gives the padding a similarity
of zero: a token whose best match is below zero then counts as zero, but only in a batch with a longer text. Here no
padding takes part, and the number of a pair is what bert_score gives it alone.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.errors import InvalidInput
from arena.judgments import ScorerInfo
from arena.models.encoder import Encoder, load_encoder
from arena.models.identity import model_hash, model_settings
from judges.metrics.base import Item, Result, score_computable, scorer_info

if TYPE_CHECKING:
    import torch

_PORTION = 65_536
"""Tokens whose vectors are in memory at once."""

UNKNOWN_TEXT = "The model knows no token of the text."
UNKNOWN_REFERENCE = "The model knows no token of the reference."
NO_WEIGHT = "Every token is in all of the texts that the weights were counted on, so none has any weight."


@dataclass(frozen=True, slots=True)
class _Pair:
    """A text and one of its references, as token ids."""

    item: int
    text: tuple[int, ...]
    reference: tuple[int, ...]


class BertScore:
    """BERTScore's F1 with precision and recall beside it; of several references the best counts."""

    name = "bertscore"
    needs_reference = True

    def __init__(
        self,
        model: str,
        *,
        layer: int | None = None,
        called: str | None = None,
        idf: Sequence[str] | str | None = None,
        rescale: str | None = None,
        device: str = "auto",
    ) -> None:
        """Check the settings; the model is loaded when the first text is scored.

        Args:
            model: the folder of an encoder.
            layer: the layer whose vectors are compared, 0 for the embeddings; by default the one that bert_score
                tuned for the model of that name, else the one at three quarters of the depth.
            called: the model's published name, such as `roberta-large`; by default that of its folder.
            idf: texts, or a file of one text a line, on which the weights of tokens are counted: the rarer, the
                heavier. Without it all tokens weigh the same.
            rescale: a language, for bert_score's published baseline of the model, or a file of baselines of one's
                own (columns layer, P, R, F); it makes 0 the score of unrelated texts.
            device: `auto`, `cpu`, `cuda`, ...

        Raises:
            ModelFailed: there is no model in the folder.
            InvalidInput: a layer that the model does not have, a file that cannot be read, no baseline of that name.
        """
        folder = Path(model).expanduser().resolve()
        depth = _depth(model_settings(folder))
        self._folder = folder
        self._device = device
        self.called = called or _published(folder)
        self.layer = _layer(self.called, depth) if layer is None else layer
        if depth is not None and not 0 <= self.layer <= depth:
            raise InvalidInput(
                f"The model {self.called} has {depth} layers, so layer {self.layer} cannot be used; "
                f"give one from 0 to {depth}."
            )
        self._corpus = _corpus(idf)
        self._baseline = _baseline(rescale, self.called, self.layer)
        self._rescale = rescale
        self._lock = threading.Lock()
        self._loaded: tuple[Encoder, Mapping[int, float], float] | None = None

    @cached_property
    def info(self) -> ScorerInfo:
        """Model by name and hash of its weights, layer, weights of tokens, baseline, and bert_score's signature."""
        from bert_score.utils import get_hash

        idf = _hash("\n".join(self._corpus)) if self._corpus is not None else None
        own = self._rescale is not None and Path(self._rescale).is_file()
        depends = {
            "model": self.called,
            "weights": model_hash(self._folder),
            "layer": self.layer,
            "idf": idf,
            "baseline": list(self._baseline) if self._baseline else None,
            "signature": get_hash(
                self.called, self.layer, idf is not None, self._baseline is not None, own, False
            ),
        }
        return scorer_info(self.name, depends)

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return F1 for each item, with `precision` and `recall` and, where it is so, that a text was `truncated`.

        Raises:
            ModelFailed: the model cannot be loaded or fails.
        """
        return score_computable(items, self._score, needs_reference=True)

    def _score(self, items: list[Item]) -> list[Result]:
        encoder, weights, default = self._parts()
        tokens = self._tokens(encoder, items)
        found: list[list[tuple[float, float, float]]] = [[] for _ in items]
        weightless = set()
        for pairs in _portions(_pairs(items, tokens)):
            rows = list(dict.fromkeys(row for pair in pairs for row in (pair.text, pair.reference)))
            vectors = dict(zip(rows, map(_unit, encoder.hidden(rows)), strict=True))
            heavy = {row: _weights(row, weights, default) for row in rows}
            for pair in pairs:
                scores = _match(
                    vectors[pair.text], heavy[pair.text], vectors[pair.reference], heavy[pair.reference]
                )
                if scores is None:
                    weightless.add(pair.item)
                else:
                    found[pair.item].append(scores)
        return [
            self._result(item, tokens, scores, place in weightless, encoder.limit)
            for place, (item, scores) in enumerate(zip(items, found, strict=True))
        ]

    def _result(
        self,
        item: Item,
        tokens: Mapping[str, "_Tokens"],
        scores: Sequence[tuple[float, float, float]],
        weightless: bool,
        limit: int,
    ) -> Result:
        if not scores:
            known = tokens[item.text].known
            return Result.missing(NO_WEIGHT if weightless else UNKNOWN_REFERENCE if known else UNKNOWN_TEXT)
        best = [max(column) for column in zip(*scores, strict=True)]
        if self._baseline:
            best = [(value - base) / (1 - base) for value, base in zip(best, self._baseline, strict=True)]
        detail: dict[str, Any] = {"precision": best[0], "recall": best[1]}
        if any(tokens[text].cut for text in (item.text, *item.references)):
            detail["truncated"] = limit
        if unknown := tokens[item.text].unknown:
            detail["unknown_tokens"] = unknown
        return Result(best[2], detail=detail)

    def _parts(self) -> tuple[Encoder, Mapping[int, float], float]:
        """Return the encoder, the weight of each token, and that of tokens which are not listed."""
        with self._lock:
            if self._loaded is None:
                encoder = load_encoder(str(self._folder), layers=self.layer, device=self._device)
                self._loaded = (encoder, *_token_weights(encoder, self._corpus))
            return self._loaded

    @staticmethod
    def _tokens(encoder: Encoder, items: Sequence[Item]) -> "dict[str, _Tokens]":
        from bert_score.utils import sent_encode

        special, unknown = set(encoder.tokenizer.all_special_ids), encoder.tokenizer.unk_token_id
        texts = list(dict.fromkeys(text for item in items for text in (item.text, *item.references)))
        rows = encoder.tokens(texts, sent_encode)
        return {
            text: _Tokens(
                row.ids, row.cut, any(token not in special for token in row.ids), row.ids.count(unknown)
            )
            for text, row in zip(texts, rows, strict=True)
        }


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text's token ids, special ones included; `unknown` of them are the vocabulary's sign for unknown."""

    ids: tuple[int, ...]
    cut: bool
    known: bool
    unknown: int


def make_bertscore(**options: Any) -> list[BertScore]:
    """Return the scorer `bertscore`; see `BertScore` for the options."""
    return [BertScore(**options)]


def _pairs(items: Sequence[Item], tokens: Mapping[str, _Tokens]) -> list[_Pair]:
    """Return the pairs to match, those that share a reference side by side, so that it is encoded once."""
    pairs = [
        _Pair(place, tokens[item.text].ids, tokens[reference].ids)
        for place, item in enumerate(items)
        if tokens[item.text].known
        for reference in item.references
        if tokens[reference].known
    ]
    return sorted(pairs, key=lambda pair: (len(pair.reference), pair.reference))


def _portions(pairs: Sequence[_Pair]) -> Iterator[list[_Pair]]:
    """Cut the pairs so that the vectors of one portion fit into memory."""
    portion: list[_Pair] = []
    size = 0
    for pair in pairs:
        portion.append(pair)
        size += len(pair.text) + len(pair.reference)
        if size >= _PORTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _unit(vectors: "torch.Tensor") -> "torch.Tensor":
    return vectors / vectors.norm(dim=-1, keepdim=True)


def _weights(row: Sequence[int], weights: Mapping[int, float], default: float) -> "torch.Tensor":
    import torch

    return torch.tensor([weights.get(token, default) for token in row], dtype=torch.float32)


def _match(
    text: "torch.Tensor",
    text_weights: "torch.Tensor",
    reference: "torch.Tensor",
    reference_weights: "torch.Tensor",
) -> tuple[float, float, float] | None:
    """Return precision, recall and F1 of unit vectors (tokens, width), or `None` where no token has weight."""
    mass, reference_mass = float(text_weights.sum()), float(reference_weights.sum())
    if not mass or not reference_mass:
        return None
    similarity = text @ reference.T
    precision = float(similarity.amax(1) @ text_weights) / mass
    recall = float(similarity.amax(0) @ reference_weights) / reference_mass
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _token_weights(encoder: Encoder, corpus: Sequence[str] | None) -> tuple[Mapping[int, float], float]:
    """Return the weight of listed tokens and of all others: by rarity in `corpus`, else one for all but the marks."""
    if corpus is None:
        marks = (encoder.tokenizer.sep_token_id, encoder.tokenizer.cls_token_id)
        return {mark: 0.0 for mark in marks if mark is not None}, 1.0
    from bert_score.utils import get_idf_dict, sent_encode

    rows = [row.ids for row in encoder.tokens(corpus, sent_encode)]
    # No processes of its own: forking while other threads hold locks can hang.
    counted = get_idf_dict(rows, None, nthreads=0)
    return dict(counted), counted.default_factory()


def _corpus(idf: Sequence[str] | str | None) -> tuple[str, ...] | None:
    if idf is None:
        return None
    if isinstance(idf, str):
        try:
            idf = Path(idf).expanduser().read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"The texts to count token weights on cannot be read: {error}.") from error
    texts = tuple(text for text in idf if text.strip())
    if not texts:
        raise InvalidInput("There are no texts to count token weights on; leave out idf, or give some.")
    return texts


def _baseline(rescale: str | None, called: str, layer: int) -> tuple[float, float, float] | None:
    """Return the baseline of precision, recall and F1 at a layer."""
    if rescale is None:
        return None
    import bert_score

    own = Path(rescale).expanduser()
    file = own if own.is_file() else _published_baselines(bert_score.__file__) / rescale / f"{called}.tsv"
    if not file.is_file():
        raise InvalidInput(
            f"bert_score has no baseline of the model {called} for the language {rescale!r}, and there is no file of "
            "that name; give the model's published name as 'called', a file of baselines, or leave out rescale."
        )
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        columns = line.replace("\t", ",").split(",")
        if columns[0].strip() == str(layer):
            precision, recall, f1 = (float(column) for column in columns[1:4])
            return precision, recall, f1
    raise InvalidInput(f"The baselines in {file.name} have no line for layer {layer}; choose another layer.")


def _published_baselines(package_file: str) -> Path:
    return Path(package_file).parent / "rescale_baseline"


def _published(folder: Path) -> str:
    """Return the name that bert_score knows a model by, going by its folder; else the folder's name."""
    from bert_score.utils import model2layers

    for name in (f"{folder.parent.name}/{folder.name}", folder.name.replace("__", "/").replace("--", "/")):
        if name in model2layers:
            return name
    return folder.name


def _layer(called: str, depth: int | None) -> int:
    from bert_score.utils import model2layers

    if called in model2layers:
        return int(model2layers[called])
    if depth is None:
        raise InvalidInput(
            f"It is unknown how many layers the model {called} has; give the layer to compare."
        )
    return int(depth * 3 / 4 + 0.5)


def _depth(settings: Mapping[str, Any]) -> int | None:
    names = ("num_hidden_layers", "n_layers", "num_layers", "n_layer", "encoder_layers")
    return next((int(settings[name]) for name in names if isinstance(settings.get(name), int)), None)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
