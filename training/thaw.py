"""Turns shipped int8 weights back into weights to train on: `python -m training.thaw MODEL_FOLDER FOLDER/model.pt`.

What was rounded stays rounded (a scale for each output), which costs nothing that a further cycle does not learn again.
So a model can be trained on with new data in a third of the time of a fresh one: `python -m training.train --start`.
"""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.base import empty_encoder
from training.model import Reader

_STEPS = (
    5  # nodes from a product of matrices to the sum with its bias: cast, scale, add what was kept apart, add
)


def main(argv: list[str]) -> int:
    """Write the weights; raises where the files do not hold all of them."""
    folder, out = Path(argv[0]), Path(argv[1])
    found = _weights(folder / "events.onnx") | {
        f"roles.{k}": v for k, v in _weights(folder / "roles.onnx").items()
    }
    # The file's own scales and constants go; a weight that is missing raises.
    wanted = Reader(empty_encoder(len(found["encoder.embeddings.word_embeddings.weight"]))).state_dict()
    reader = Reader.trained({name: found[name] for name in wanted})
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(reader.state_dict(), out)
    shutil.copy(folder / "tokenizer.json", out.parent / "tokenizer.json")
    return 0


def _weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of one file by their names in the network."""
    graph = onnx.load(path).graph
    held = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    out = {name: a for name, a in held.items() if a.dtype == np.float32}
    out |= {
        name.removesuffix("_quantized"): _float(held, name.removesuffix("_quantized"))
        for name in held
        if name.endswith("weight_quantized")
    }
    for base, bias in _products(graph, held):
        out[bias.removesuffix("bias") + "weight"] = _float(held, base).T
    return {
        name.removeprefix("reader."): torch.from_numpy(np.array(a, dtype=np.float32, order="C"))
        for name, a in out.items()
    }


def _float(held: dict[str, np.ndarray], base: str) -> np.ndarray:
    whole, scale, zero = (held[f"{base}_{part}"] for part in ("quantized", "scale", "zero_point"))
    matrix = (whole.astype(np.float32) - zero.astype(np.float32)) * scale
    if f"{base}_even" in held:  # `export._even_out`
        matrix *= held[f"{base}_even"][:, np.newaxis]
    if f"{base}_odd" in held:
        matrix[held[f"{base}_at"]] = held[f"{base}_odd"]
    return matrix


def _products(graph: onnx.GraphProto, held: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    """Return for each product with a rounded matrix the name of the matrix and of the bias that is added to it."""
    users: dict[str, list[onnx.NodeProto]] = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            users[name].append(node)
    found: list[tuple[str, str]] = []
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        matrix = node.input[1]
        value = node.output[0]
        for _ in range(_STEPS):
            after = users[value][0]
            value = after.output[0]
            bias = next((name for name in after.input if after.op_type == "Add" and name in held), None)
            if bias is not None:
                found.append((matrix.removesuffix("_quantized"), bias))
                break
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
