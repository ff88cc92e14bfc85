"""Exports trained weights for run time: `python -m training.export model.pt FOLDER`; int8 ONNX with a manifest."""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.export import Dim

from monitor.extract.learned.labels import OUTPUTS, ROLES, TYPES, WHYS
from monitor.extract.learned.network import FILES
from training.batches import samples
from training.items import read_folder
from training.model import Reader
from training.train import DATA, SEED

INNER = 4  # how many times as wide as its states an encoder's layer is inside
DOCUMENTS = 60  # from which is learnt how large numbers get
EVEN = 0.7  # how much of an input's size is moved into the matrix; found by trying
ODD = 4  # of the gates of a layer, those with the largest numbers, which are not rounded
TINY = 1e-3  # in the place of nothing, where it is divided by
NO_PEAKS: Mapping[str, NDArray[np.float32]] = {}


class _Events(nn.Module):
    """The encoder and the head that marks events, for windows that are read one at a time: nothing is padded or masked."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        encoder = self.reader.encoder
        states = encoder.encoder(encoder.embeddings(input_ids=ids)).last_hidden_state
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
        peaks = _peaks(reader, Tokenizer.from_file(str(weights.parent / "tokenizer.json")))
        _round(Path(place) / FILES[0], folder / FILES[0], peaks)
        _round(Path(place) / FILES[1], folder / FILES[1])
    shutil.copy(weights.parent / "tokenizer.json", folder / FILES[2])
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    types = [f"{t.kind}.{t.sub}" if t.sub else t.kind for t in TYPES]
    manifest = {"sha256": hashes, "types": types, "whys": WHYS, "roles": ROLES}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    size = sum((folder / name).stat().st_size for name in FILES)
    print(f"{folder}: {size / 1e6:.1f} MB")
    return 0


@torch.no_grad()
def _peaks(reader: Reader, cutter: Tokenizer) -> dict[str, NDArray[np.float32]]:
    """Return for each product by its module's name how large a number each of its inputs gets in some documents."""
    peaks: dict[str, Tensor] = {}

    def note(name: str, given: Tensor) -> None:
        largest = given.abs().amax(dim=(0, 1))
        peaks[name] = torch.maximum(peaks.get(name, largest), largest)

    hooks = [
        module.register_forward_pre_hook(lambda _, given, name=name: note(name, given[0]))
        for name, module in reader.named_modules()
        if isinstance(module, nn.Linear) and not name.startswith("roles.")
    ]
    for sample in samples(cutter, random.Random(SEED).sample(read_folder(DATA), DOCUMENTS)):
        ids = torch.tensor([sample.ids])
        reader.events(reader.encode(ids, torch.ones_like(ids)))
    for hook in hooks:
        hook.remove()
    return {name: largest.numpy() for name, largest in peaks.items()}


def _round(source: Path, target: Path, peaks: Mapping[str, NDArray[np.float32]] = NO_PEAKS) -> None:
    """Write a network with its matrices as bytes.

    A scale for each output: with one for the whole matrix twice as many marks fell on the other side. At run time what is
    multiplied is rounded by its largest number. So inputs that get large are made smaller first and their rows of the
    matrix larger (`peaks`: how large each gets; after SmoothQuant, arXiv:2211.10438), and the few that come out of an
    encoder's gates a hundred times as large as the others are multiplied apart and not rounded. Rounding those in blocks,
    as the runtime can, made the whole network half as slow again.
    """
    whole = onnx.load(source)
    held = {i.name: i for i in whole.graph.initializer}
    odd: list[str] = []
    for node in [n for n in whole.graph.node if n.op_type == "MatMul" and n.input[1] in held]:
        peak = peaks.get(_module(whole.graph, node, held))
        if peak is not None:
            odd += _even_out(whole.graph, node, peak, ODD if _widened(held[node.input[1]]) else 0)
    with tempfile.TemporaryDirectory() as place:
        even = Path(place) / "even.onnx"
        onnx.save(whole, even)
        quantize_dynamic(even, target, weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=odd)


def _module(graph: onnx.GraphProto, product: onnx.NodeProto, held: Mapping[str, onnx.TensorProto]) -> str:
    """Return the name of the module whose product it is: that of the bias that is added to it."""
    after = next((n for n in graph.node if product.output[0] in n.input), None)
    names = [name for name in after.input if name in held] if after is not None else []
    return names[0].removeprefix("reader.").removesuffix(".bias") if names else ""


def _widened(matrix: onnx.TensorProto) -> bool:
    """Whether a matrix (inputs, outputs) leads back from a layer's inner width."""
    return len(matrix.dims) == 2 and matrix.dims[0] == INNER * matrix.dims[1]


def _even_out(
    graph: onnx.GraphProto, node: onnx.NodeProto, peak: NDArray[np.float32], apart: int
) -> list[str]:
    """Put in the place of a product `x @ m` the sum `(x * even) @ (m / even) + x[at] @ m[at]`.

    `at` are the `apart` inputs that get largest. Returns the names of the nodes that are not to be rounded.
    """
    given, name = node.input
    place = next(n for n, i in enumerate(graph.initializer) if i.name == name)
    matrix = numpy_helper.to_array(graph.initializer[place]).copy()
    even = np.maximum(peak, TINY) ** -EVEN * (np.abs(matrix).max(axis=1) + TINY) ** (1 - EVEN)
    even = (even / np.exp(np.log(even).mean())).astype(np.float32)
    at = np.sort(np.argsort(-peak)[:apart])
    parts = {f"{name}_at": at, f"{name}_odd": matrix[at].copy()} if apart else {}
    matrix /= even[:, np.newaxis]
    even[at], matrix[at] = 0.0, 0.0
    parts |= {name: matrix, f"{name}_even": even}
    del graph.initializer[place]
    graph.initializer.extend(numpy_helper.from_array(array, part) for part, array in parts.items())
    make, most, few = onnx.helper.make_node, f"{name}_most", f"{name}_few"
    new = [
        make("Mul", [given, f"{name}_even"], [f"{name}_evened"]),
        make(
            "MatMul", [f"{name}_evened", name], [most if apart else node.output[0]], name=f"{node.name}_most"
        ),
    ]
    if apart:
        new += [
            make("Gather", [given, f"{name}_at"], [f"{name}_picked"], axis=-1),
            make("MatMul", [f"{name}_picked", f"{name}_odd"], [few], name=f"{node.name}_odd"),
            make("Add", [most, few], list(node.output)),
        ]
    where = list(graph.node).index(node)
    graph.node.remove(node)
    for n, one in enumerate(new):
        graph.node.insert(where + n, one)
    return [f"{node.name}_odd"] if apart else []


def _export_events(reader: Reader, path: Path) -> None:
    rows, pieces = Dim("rows", min=1, max=512), Dim("pieces", min=2, max=512)
    ids = torch.randint(1000, 2000, (3, 40))
    torch.onnx.export(
        _Events(reader).eval(),
        (ids,),
        str(path),
        input_names=["ids"],
        output_names=["events", "whys", "states"],
        dynamic_shapes=({0: rows, 1: pieces},),
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
