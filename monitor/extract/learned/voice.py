"""The network as a second reader beside the lexicon, or in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from monitor.extract.confidence import settle
from monitor.extract.drafts import Draft, Scene
from monitor.extract.learned import MODEL
from monitor.extract.learned.calibration import Calibration
from monitor.extract.learned.drafts import from_mention
from monitor.extract.learned.fusion import fuse, weighed
from monitor.extract.learned.mentions import Marked, one_number_each
from monitor.extract.learned.surroundings import weigh
from monitor.extract.reading import Reading

if TYPE_CHECKING:
    from monitor.extract.learned.network import Network

LANGUAGES = frozenset({"en", "es"})


class LearnedVoice:
    """Implements `assemble.Voice`. The model is loaded with the first document."""

    def __init__(
        self,
        folder: Path = MODEL,
        *,
        mode: Literal["learned", "both"] = "both",
        threads: int = 1,
        calibration: Calibration | None = None,
    ) -> None:
        self._folder, self._mode, self._threads = folder, mode, threads
        self._given = calibration

    @cached_property
    def _network(self) -> Network:
        # Imported here: the light install has the lexicon alone.
        from monitor.extract.learned.network import Network  # noqa: PLC0415

        return Network.load(self._folder, self._threads)

    @cached_property
    def _calibration(self) -> Calibration:
        return self._given or Calibration.load(self._folder / "calibration.json")

    def look(self, sentences: Sequence[str], language: str) -> Sequence[Marked | None]:
        """Return what the network marks in each sentence; nothing in a language that it was not trained on."""
        return self._network.read(sentences) if language in LANGUAGES else [None] * len(sentences)

    def join(self, scene: Scene, lexical: list[Draft], seen: Marked | None, *, old: bool) -> list[Draft]:
        """Return the sentence's drafts with calibrated confidence."""
        if seen is None:
            return lexical
        learned = [d for m in one_number_each(seen.mentions) if (d := from_mention(scene, m)) is not None]
        for draft in learned:
            settle(draft, scene, old=old)
        if self._mode == "both":
            return fuse(lexical, learned, seen.kinds, self._calibration)
        for draft in learned:
            draft.votes = replace(draft.votes, learned=draft.confidence)
        return weighed(learned, self._calibration)

    def weigh(self, drafts: list[Draft], reading: Reading) -> None:
        """Weigh the drafts of a document anew by what it tells around them."""
        starts = [sentence.tokens[0].start for sentence in reading.sentences]
        weigh(drafts, starts, reading.document.text, self._calibration.document)
