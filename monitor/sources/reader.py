"""The door of this room: `Sources` reads configured sources, `read_paths` what a command line names."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from monitor.core.errors import MonitorError, SourceError
from monitor.core.model import Document, Fetched, Problem, SourceCursor, SourceSpec
from monitor.sources.articles import Articles
from monitor.sources.feed import FeedReader
from monitor.sources.folder import Reading, as_problem, read_document, read_folder
from monitor.sources.http import HttpClient
from monitor.sources.items import wanted
from monitor.sources.jsonl import read_jsonl
from monitor.sources.parser import ParserPool
from monitor.sources.schedule import failed, succeeded


class Sources:
    """Reads sources of type "feed", "folder" and "jsonl"; owns the HTTP client and the parser processes.

    Paths are relative to `base_dir`, the configuration's folder. Use as an asynchronous context manager.
    """

    def __init__(
        self,
        *,
        base_dir: Path,
        http: HttpClient | None = None,
        parser: ParserPool | None = None,
        articles: Articles | None = None,
    ) -> None:
        self._base_dir = base_dir
        self._http = http or HttpClient()
        self._parser = parser or ParserPool()
        self._feeds = FeedReader(http=self._http, parser=self._parser, base_dir=base_dir, articles=articles)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close connections and end the parser processes."""
        await self._http.aclose()
        await self._parser.aclose()

    async def fetch(self, source: SourceSpec, cursor: SourceCursor, *, now: datetime) -> Fetched:
        """Return what is there now. Never raises for a bad source: problems are in the result."""
        try:
            if source.type == "feed":
                return await self._feeds.fetch(source, cursor, now=now)
            read = _READERS.get(source.type)
            if read is None:
                return _failure(source, cursor, _unknown_type(source), now)
            path = self._base_dir / source.location
            known = _known(cursor.memory)
            reading = await asyncio.to_thread(read, path, source, now=now, mark=cursor.etag, known=known)
        except MonitorError as error:
            return _failure(source, cursor, error, now)
        except Exception as error:  # noqa: BLE001 - whatever a source holds, the other sources go on
            message = f"could not be read ({type(error).__name__}: {error})"
            bug = SourceError(message, place=source.id, remedy="please report this as a bug")
            return _failure(source, cursor, bug, now)
        return _fetched(source, cursor, reading, now)


_READERS = {"folder": read_folder, "jsonl": read_jsonl}


def _known(memory: bytes | None) -> frozenset[int]:
    """Return the marks of what was read before; whatever else is there counts as nothing."""
    return frozenset(array("Q", memory)) if memory and len(memory) % 8 == 0 else frozenset()


def _unknown_type(source: SourceSpec) -> SourceError:
    return SourceError(
        f"unknown type {source.type!r}", place=source.id, remedy='use "feed", "folder" or "jsonl"'
    )


def _failure(source: SourceSpec, cursor: SourceCursor, error: MonitorError, now: datetime) -> Fetched:
    after = failed(source, cursor, now=now, error=str(error))
    return Fetched(cursor=after, problems=(as_problem(error),))


def _fetched(source: SourceSpec, cursor: SourceCursor, reading: Reading, now: datetime) -> Fetched:
    memory = array("Q", reading.seen).tobytes() if reading.seen is not None else None
    new = len(reading.documents)
    after = succeeded(source, replace(cursor, etag=reading.mark), now=now, new=new, memory=memory)
    return Fetched(
        cursor=after,
        documents=tuple(document for document in reading.documents if wanted(source, document)),
        problems=reading.problems,
        unchanged=not reading.documents and not reading.problems,
    )


def read_paths(paths: Sequence[Path], now: datetime) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """Read documents, folders and `.jsonl` streams in the order given; what cannot be read is a problem."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            reading = _read_path(path, now)
        except MonitorError as error:
            problems.append(as_problem(error))
            continue
        documents.extend(reading.documents)
        problems.extend(reading.problems)
        if not reading.documents and not reading.problems:
            problems.append(
                Problem(
                    place=str(path), message="it holds no document", remedy="add .txt, .md or .html files"
                )
            )
    return tuple(documents), tuple(problems)


def _read_path(path: Path, now: datetime) -> Reading:
    if path.is_dir():
        return read_folder(path, _spec(path, "folder"), now=now)
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return read_jsonl(path, _spec(path, "jsonl"), now=now)
    return Reading(documents=(read_document(path, _spec(path.absolute().parent, "folder"), now=now),))


def _spec(path: Path, kind: str) -> SourceSpec:
    name = path.resolve().name if kind == "folder" else path.stem
    return SourceSpec(id=name or kind, type=kind, location=str(path))
