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
BLOCK = 32  # inputs that the runtime rounds together, where it does not round all of them so


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


@pytest.mark.parametrize(("inputs", "kept"), [(INNER, True), (WIDTH, False)])
def test_out_of_the_gates_a_large_number_blurs_only_its_block_and_all_matrices_are_bytes(
    tmp_path: Path, inputs: int, *, kept: bool
) -> None:
    """Elsewhere it blurs all the others."""
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(inputs, WIDTH)).astype(np.float32)
    matrix[:BLOCK] = 0.0
    _round(network(tmp_path / "whole.onnx", matrix), tmp_path / "bytes.onnx")
    held = {i.name: i.data_type for i in onnx.load(tmp_path / "bytes.onnx").graph.initializer}
    assert held["m_quantized"] == TensorProto.INT8
    assert "m" not in held
    x = np.full((1, inputs), 0.1, dtype=np.float32)
    x[0, 0] = 1000.0
    session = onnxruntime.InferenceSession(tmp_path / "bytes.onnx", providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": x})
    assert np.allclose(y, x @ matrix, atol=0.1) is kept


@pytest.mark.parametrize("inputs", [INNER, WIDTH])
def test_what_was_rounded_can_be_trained_on(tmp_path: Path, inputs: int) -> None:
    matrix = np.random.default_rng(1).normal(size=(inputs, WIDTH)).astype(np.float32)
    _round(network(tmp_path / "whole.onnx", matrix), tmp_path / "bytes.onnx")
    back = _weights(tmp_path / "bytes.onnx")["layer.weight"].numpy()
    assert np.allclose(back, matrix.T, atol=np.abs(matrix).max() / 127)
