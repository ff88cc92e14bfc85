"""A network's matrices as bytes, and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")

import onnxruntime  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from training.export import _round  # noqa: E402
from training.thaw import _weights  # noqa: E402

WIDTH, INNER = 64, 256
LARGE = 1000.0


def network(path: Path, matrix: np.ndarray) -> Path:
    """Write a network of one product and its bias."""
    inputs, outputs = matrix.shape
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "m"], ["product"], name="product"),
            helper.make_node("Add", ["product", "layer.bias"], ["y"], name="sum"),
        ],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", outputs])],
        [
            numpy_helper.from_array(matrix, "m"),
            numpy_helper.from_array(np.zeros(outputs, dtype=np.float32), "layer.bias"),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


@pytest.mark.parametrize(("inputs", "kept"), [(INNER, True), (INNER, False), (WIDTH, False)])
def test_out_of_the_gates_a_large_number_blurs_no_other_and_all_matrices_are_bytes(
    tmp_path: Path, inputs: int, *, kept: bool
) -> None:
    """Else it blurs all the others."""
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(inputs, WIDTH)).astype(np.float32)
    x = rng.uniform(0.05, 0.1, size=(1, inputs)).astype(np.float32)
    x[0, 7] = LARGE
    _round(network(tmp_path / "whole.onnx", matrix), tmp_path / "bytes.onnx", {"layer": x[0]} if kept else {})
    held = {i.name: i.data_type for i in onnx.load(tmp_path / "bytes.onnx").graph.initializer}
    assert held["m_quantized"] == TensorProto.INT8
    assert "m" not in held
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")  # as `Network.load` does without VNNI
    session = onnxruntime.InferenceSession(
        tmp_path / "bytes.onnx", options, providers=["CPUExecutionProvider"]
    )
    (y,) = session.run(None, {"x": x})
    assert np.allclose(y, x @ matrix, atol=0.1) is kept


def test_gates_of_other_sizes_are_brought_nearer_before_they_are_rounded(tmp_path: Path) -> None:
    """Half of them give a hundred times as much as the others, which all the same count."""
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(INNER, WIDTH)).astype(np.float32)
    matrix[::2] /= 100
    x = rng.uniform(0.5, 1.0, size=(1, INNER)).astype(np.float32)
    x[:, ::2] *= 100
    source, off = network(tmp_path / "whole.onnx", matrix), []
    for peaks in ({}, {"layer": x[0]}):
        _round(source, tmp_path / "bytes.onnx", peaks)
        session = onnxruntime.InferenceSession(tmp_path / "bytes.onnx", providers=["CPUExecutionProvider"])
        off.append(np.abs(session.run(None, {"x": x})[0] - x @ matrix).mean())
    assert off[1] < off[0] / 3


@pytest.mark.parametrize("inputs", [INNER, WIDTH])
def test_what_was_rounded_can_be_trained_on(tmp_path: Path, inputs: int) -> None:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(inputs, WIDTH)).astype(np.float32)
    peaks = {"layer": rng.uniform(0.5, 2.0, size=inputs).astype(np.float32)}
    _round(network(tmp_path / "whole.onnx", matrix), tmp_path / "bytes.onnx", peaks)
    back = _weights(tmp_path / "bytes.onnx")["layer.weight"].numpy()
    assert np.allclose(back, matrix.T, atol=np.abs(matrix).max() / 60)
