"""Exports trained weights for run time: `python -m training.export model.pt FOLDER`; int8 ONNX with a manifest."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.export import Dim

from monitor.extract.learned.labels import OUTPUTS, ROLES, TYPES, WHYS
from monitor.extract.learned.network import FILES
from training.model import Reader

INNER = 4  # how many times as wide as its states an encoder's layer is inside
BYTE = 127


class _Events(nn.Module):
    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states = self.reader.encode(ids, mask)
        logits, whys = self.reader.events(states)
        return logits, whys, states


def main(argv: list[str] | None = None) -> int:
    """Export the weights and the tokenizer beside them, and print the size."""
    parser = argparse.ArgumentParser(description="export trained weights for run time")
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--blend", type=Path, help="weights of an earlier cycle, to be mixed in")
    parser.add_argument("--share", type=float, default=0.3, help="how much of them")
    options = parser.parse_args(argv)
    weights, folder = options.weights, options.folder
    state = torch.load(weights, weights_only=True)
    if options.blend:
        earlier = torch.load(options.blend, weights_only=True)
        state = {name: torch.lerp(w, earlier[name], options.share) for name, w in state.items()}
    reader = Reader.trained(state).eval()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        _export_events(reader, Path(place) / "events.onnx")
        _export_roles(reader, Path(place) / "roles.onnx")
        for name in FILES[:2]:
            _round(Path(place) / name, folder / name)
    shutil.copy(weights.parent / "tokenizer.json", folder / FILES[2])
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    types = [f"{t.kind}.{t.sub}" if t.sub else t.kind for t in TYPES]
    manifest = {"sha256": hashes, "types": types, "whys": WHYS, "roles": ROLES}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    size = sum((folder / name).stat().st_size for name in FILES)
    print(f"{folder}: {size / 1e6:.1f} MB")
    return 0


def _round(source: Path, target: Path) -> None:
    """Write a network with its matrices as bytes.

    A scale for each output: with one for the whole matrix twice as many marks fell on the other side. What comes out of
    the gates of an encoder's layers has single large numbers, beside which the others would be rounded away where one
    scale serves them all. There only the matrix is rounded here: the runtime rounds the rest in blocks.
    """
    whole = onnx.load(source)
    held = {i.name: i for i in whole.graph.initializer}
    gated = [n for n in whole.graph.node if n.op_type == "MatMul" and _widened(held.get(n.input[1]))]
    quantize_dynamic(
        source,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        nodes_to_exclude=[node.name for node in gated],
    )
    if not gated:
        return
    rounded = onnx.load(target)
    for name in (node.input[1] for node in gated):
        _round_matrix(rounded.graph, name)
    onnx.save(rounded, target)


def _widened(matrix: onnx.TensorProto | None) -> bool:
    """Whether a matrix (inputs, outputs) leads back from a layer's inner width."""
    return matrix is not None and len(matrix.dims) == 2 and matrix.dims[0] == INNER * matrix.dims[1]


def _round_matrix(graph: onnx.GraphProto, name: str) -> None:
    """Put bytes and a scale for each output in the place of a matrix (inputs, outputs)."""
    place = next(n for n, i in enumerate(graph.initializer) if i.name == name)
    matrix = numpy_helper.to_array(graph.initializer[place])
    scale = np.abs(matrix).max(axis=0) / BYTE
    parts = {
        f"{name}_quantized": np.round(matrix / scale).astype(np.int8),
        f"{name}_scale": scale.astype(np.float32),
        f"{name}_zero_point": np.zeros(len(scale), dtype=np.int8),
    }
    del graph.initializer[place]
    graph.initializer.extend(numpy_helper.from_array(array, part) for part, array in parts.items())
    graph.node.insert(0, onnx.helper.make_node("DequantizeLinear", list(parts), [name], axis=1))


def _export_events(reader: Reader, path: Path) -> None:
    rows, pieces = Dim("rows", min=1, max=512), Dim("pieces", min=2, max=512)
    ids, mask = torch.randint(1000, 2000, (3, 40)), torch.ones(3, 40, dtype=torch.long)
    shape = {0: rows, 1: pieces}
    torch.onnx.export(
        _Events(reader).eval(),
        (ids, mask),
        str(path),
        input_names=["ids", "mask"],
        output_names=["events", "whys", "states"],
        dynamic_shapes=(shape, shape),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def _export_roles(reader: Reader, path: Path) -> None:
    rows, pieces = Dim("rows", min=1, max=4096), Dim("pieces", min=2, max=512)
    width = reader.encoder.config.hidden_size
    example = (
        torch.randn(3, 20, width),
        torch.eye(20)[:3],
        torch.randint(0, OUTPUTS, (3,)),
        torch.randint(0, 40, (3, 20)),
    )
    both = {0: rows, 1: pieces}
    torch.onnx.export(
        reader.roles.eval(),
        example,
        str(path),
        input_names=["words", "trigger", "output", "distance"],
        output_names=["roles"],
        dynamic_shapes=(both, both, {0: rows}, both),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


if __name__ == "__main__":
    sys.exit(main())
