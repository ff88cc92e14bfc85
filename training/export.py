"""Exports trained weights for run time: `python -m training.export model.pt FOLDER`; int8 ONNX with a manifest."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.export import Dim

from monitor.extract.learned.labels import OUTPUTS, ROLES, TYPES, WHYS
from monitor.extract.learned.network import FILES
from training.model import Reader


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
            # A scale for each output: with one for the whole matrix twice as many marks fell on the other side.
            quantize_dynamic(Path(place) / name, folder / name, weight_type=QuantType.QInt8, per_channel=True)
    shutil.copy(weights.parent / "tokenizer.json", folder / FILES[2])
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    types = [f"{t.kind}.{t.sub}" if t.sub else t.kind for t in TYPES]
    manifest = {"sha256": hashes, "types": types, "whys": WHYS, "roles": ROLES}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    size = sum((folder / name).stat().st_size for name in FILES)
    print(f"{folder}: {size / 1e6:.1f} MB")
    return 0


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
