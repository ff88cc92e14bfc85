"""The learned reader: a small encoder marks, word by word, which events a text speaks of and who plays in them.

Needs the extra `learned` (onnxruntime, tokenizers, numpy); nothing outside this package imports them.
"""

from importlib.util import find_spec
from pathlib import Path

MODEL = Path(__file__).parent / "model"


def available() -> bool:
    """Whether the extra is installed and the model is there."""
    needed = ("numpy", "onnxruntime", "tokenizers")
    return all(find_spec(name) is not None for name in needed) and (MODEL / "manifest.json").exists()
