"""The trained network at run time: ONNX, int8, no training library; loaded when the first document is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from monitor.core.errors import MonitorError
from monitor.extract.learned.decode import find_mentions, find_parts
from monitor.extract.learned.labels import MAX_DISTANCE, ROLES
from monitor.extract.learned.mentions import Marked, Mention
from monitor.extract.learned.windows import Pieces, Window, cut, marks, pack

LEAST_LOGIT = -80.0  # below, a chance is nothing and its exponential too large a number
# Of these the runtime's joint step takes many times as long as its single ones (1.32).
_SLOW = ["SkipLayerNormFusion"]
FILES = ("events.onnx", "roles.onnx", "tokenizer.json")


class Network:
    """Reads the sentences of a document: their events, and who plays in each."""

    def __init__(self, tokenizer: Any, events: Any, roles: Any) -> None:
        self._tokenizer, self._events, self._roles = tokenizer, events, roles
        self._first, self._last = marks(tokenizer)

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """Load the model of `folder` after checking its files' hashes; `MonitorError` where one is wrong."""
        try:
            # Here, so that what is missing is told in words.
            import onnxruntime  # noqa: PLC0415
            from tokenizers import Tokenizer  # noqa: PLC0415
        except ImportError as error:
            raise MonitorError(
                f"the learned reader needs the package {error.name}: install monitor with its extra 'learned'"
            ) from error
        _check(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # a third of the memory, for a little time
        options.enable_mem_pattern = False  # each length of a window would keep a plan and room of its own
        if not _has_dot_products():
            # Else large sums are cut off, and roles and kinds go astray. It takes two thirds more time.
            options.add_session_config_entry("session.x64quantprecision", "1")
        events, roles = (
            onnxruntime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW
            )
            for name in FILES[:2]
        )
        return cls(Tokenizer.from_file(str(folder / FILES[2])), events, roles)

    def read(self, sentences: Sequence[str]) -> list[Marked]:
        """Return for each sentence what it speaks of; neighbours are each other's context."""
        pieces = cut(self._tokenizer, sentences)
        out = [Marked() for _ in sentences]
        for window in pack(pieces, self._first, self._last):
            chances, whys, states = self._mark(window)
            for number, start in window.places:
                piece = pieces[number]
                inside = slice(start, start + len(piece.ids))
                out[number] = find_mentions(chances[inside], whys[inside], piece.offsets)
                if out[number].mentions:
                    self._cast(out[number].mentions, sentences[number], piece, states[inside])
        return out

    def _mark(self, window: Window) -> Sequence[NDArray[np.float32]]:
        """Return of a window's pieces the chances of events (T, OUTPUTS), the reasons (T, WHYS) and the states (T, H).

        One window at a time: several would be padded to one length, and rounded by the largest number of them all, so
        that what is read would hang on what stands beside it.
        """
        ids = np.array([window.ids], dtype=np.int64)
        logits, whys, states = self._events.run(None, {"ids": ids})
        return 1.0 / (1.0 + np.exp(-np.maximum(logits[0], LEAST_LOGIT))), whys[0], states[0]

    def _cast(
        self, mentions: Sequence[Mention], sentence: str, piece: Pieces, state: NDArray[np.float32]
    ) -> None:
        """Find who plays in each event of a sentence, from the states (T, H) of its pieces."""
        count = len(state)
        trigger = np.zeros((len(mentions), count), dtype=np.float32)
        distance = np.zeros((len(mentions), count), dtype=np.int64)
        for row, mention in enumerate(mentions):
            trigger[row, mention.pieces[0] : mention.pieces[1]] = 1.0
            distance[row] = distances(count, *mention.pieces)
        output = np.array([mention.output for mention in mentions], dtype=np.int64)
        words = np.repeat(state[np.newaxis], len(mentions), axis=0)
        feed = {"words": words, "trigger": trigger, "output": output, "distance": distance}
        chances = softmax(self._roles.run(None, feed)[0])
        for row, mention in enumerate(mentions):
            mention.parts = find_parts(chances[row], piece.offsets, ROLES, sentence)


def _has_dot_products(flags: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor is known to multiply and add bytes without cutting sums off (VNNI)."""
    try:
        return "vnni" in flags.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return chances that add up to 1 along the last axis."""
    raised: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chances: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return chances


def distances(count: int, start: int, end: int) -> NDArray[np.int64]:
    """Return each piece's distance from the trigger, cut off at `MAX_DISTANCE` and moved to be positive."""
    places = np.arange(count)
    away = np.where(places < start, places - start, np.maximum(0, places - end + 1))
    return MAX_DISTANCE + np.clip(away, -MAX_DISTANCE, MAX_DISTANCE)


def _check(folder: Path) -> None:
    """Compare the model's files with the hashes that were written when it was exported."""
    try:
        wanted = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["sha256"]
        for name in FILES:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            if found != wanted.get(name):
                raise MonitorError(
                    f"{folder / name}: not the file that was built (its hash differs); reinstall"
                )
    except (OSError, ValueError, KeyError) as error:
        raise MonitorError(
            f"{folder}: the learned reader's model cannot be read ({error}); reinstall"
        ) from error
