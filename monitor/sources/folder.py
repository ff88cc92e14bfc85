"""Documents that lie in a folder, or as single files."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from monitor.core.errors import MonitorError, ParseError, SourceError
from monitor.core.model import Document, Problem, SourceSpec
from monitor.sources.delta import mark_of
from monitor.sources.html import html_to_text, page_date, page_title
from monitor.sources.pdf import Page, read_pdf
from monitor.sources.text import MAX_TEXT_BYTES, decode, document_from_text

MAX_FILES = 100_000
_FRESH_S = 2.0
_SETTLE_S = 0.25
_UNDATED = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read; `mark` stands for the files as they were, None while one is still being written.

    `seen` are marks of the single files or lines that were read, now or earlier; None where nothing was looked at.
    """

    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    mark: str | None = None
    seen: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str
    size: int
    mtime_ns: int

    @property
    def mark(self) -> int:
        """Return a number that is another one when the file has changed."""
        return mark_of(f"{self.name}\x1f{self.size}\x1f{self.mtime_ns}".encode("utf-8", "surrogateescape"))


def as_problem(error: MonitorError) -> Problem:
    """Return what a person is told of an error that did not stop the rest."""
    return Problem(place=error.place or "", message=error.message, remedy=error.remedy)


def read_folder(
    root: Path,
    source: SourceSpec,
    *,
    now: datetime,
    mark: str | None = None,
    known: Collection[int] = frozenset(),
) -> Reading:
    """Read the folder's files: dated documents by date, then the undated in file-name order.

    Hidden files, READMEs and what lies outside of the root are left out. When `mark` is that of the last
    reading and nothing differs, no file is opened and no document returned; files whose own mark is `known` are not
    opened either. Raises SourceError when there is no such folder.
    """
    if not root.is_dir():
        raise SourceError(
            "there is no such folder", place=str(root), remedy="create it, or correct the source's location"
        )
    problems: list[Problem] = []
    files = list(_files(root, source.patterns, problems))
    unsettled = _unsettled(files, now)
    current = _mark(files)
    if mark == current and not unsettled:
        return Reading(mark=current)
    documents: list[Document] = []
    seen: list[int] = []
    for file in files:
        if file.mark in known:
            seen.append(file.mark)
            continue
        try:
            if file.path in unsettled:
                raise SourceError(
                    "still being written", place=str(file.path), remedy="it is read at the next poll"
                )
            documents.append(_read_file(file, source, now))
            seen.append(file.mark)
        except MonitorError as error:
            problems.append(as_problem(error))
    documents.sort(key=_by_date)
    return Reading(
        documents=tuple(documents),
        problems=tuple(problems),
        mark=None if unsettled else current,
        seen=tuple(seen),
    )


def read_document(path: Path, source: SourceSpec, *, now: datetime) -> Document:
    """Read one file as a document. Raises ParseError or SourceError."""
    info = _stat(path)
    return _read_file(_File(path, path.name, info.st_size, info.st_mtime_ns), source, now)


def _by_date(document: Document) -> tuple[datetime, str]:
    return (document.published_at or _UNDATED, document.name)


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}",
            place=str(path),
            remedy="check that it exists and may be read",
        ) from error


def _files(root: Path, patterns: tuple[str, ...], problems: list[Problem]) -> Iterator[_File]:
    inside = root.resolve()
    count = 0
    for folder, subfolders, names in os.walk(root, onerror=lambda e: problems.append(_unreadable(e))):
        subfolders[:] = sorted(s for s in subfolders if not s.startswith("."))
        for name in sorted(names):
            if not _wanted(name, patterns):
                continue
            path = Path(folder, name)
            try:
                real, info = path.resolve(), path.stat()
            except (OSError, RuntimeError) as error:
                problems.append(Problem(place=str(path), message=f"cannot be read: {error}"))
                continue
            if not real.is_relative_to(inside):
                problems.append(
                    Problem(
                        place=str(path),
                        message="this link leads out of the folder",
                        remedy="put a copy there",
                    )
                )
            elif stat.S_ISREG(info.st_mode):
                count += 1
                if count > MAX_FILES:
                    problems.append(
                        Problem(
                            place=str(root), message=f"more than {MAX_FILES:,} files; the rest is left out"
                        )
                    )
                    return
                yield _File(path, path.relative_to(root).as_posix(), info.st_size, info.st_mtime_ns)


def _unreadable(error: OSError) -> Problem:
    return Problem(
        place=str(error.filename), message=f"cannot be listed: {error.strerror}", remedy="check its rights"
    )


def _wanted(name: str, patterns: tuple[str, ...]) -> bool:
    lowered = name.lower()
    if lowered.startswith(".") or lowered.split(".")[0] == "readme":
        return False
    return any(fnmatch(lowered, pattern.lower()) for pattern in patterns)


def _mark(files: list[_File]) -> str:
    listing = "\n".join(f"{f.name}\x1f{f.size}\x1f{f.mtime_ns}" for f in files)
    return hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()


def _unsettled(files: list[_File], now: datetime) -> frozenset[Path]:
    """Return the files that are being written: touched just now, and of another size a moment later."""
    fresh = [f for f in files if abs(f.mtime_ns / 1e9 - now.timestamp()) < _FRESH_S]
    if not fresh:
        return frozenset()
    time.sleep(_SETTLE_S)
    moving = set()
    for file in fresh:
        try:
            info = file.path.stat()
        except OSError:
            continue
        if (info.st_size, info.st_mtime_ns) != (file.size, file.mtime_ns):
            moving.add(file.path)
    return frozenset(moving)


def _pdf(raw: bytes, place: str) -> Page:
    if len(raw) > MAX_TEXT_BYTES:
        raise ParseError(
            f"the file has more than the {MAX_TEXT_BYTES:,} bytes allowed", place=place, remedy="split it"
        )
    return read_pdf(raw, place=place)


def _read_file(file: _File, source: SourceSpec, now: datetime) -> Document:
    place = str(file.path)
    try:
        with file.path.open("rb") as handle:
            raw = handle.read(MAX_TEXT_BYTES + 1)
            size = os.fstat(handle.fileno()).st_size
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", place=place, remedy="check that it exists and may be read"
        ) from error
    if size != len(raw) and size <= MAX_TEXT_BYTES:
        raise SourceError("still being written", place=place, remedy="it is read at the next poll")
    title, published = "", None
    suffix = file.path.suffix.lower()
    if suffix == ".pdf":
        page = _pdf(raw, place)
        title, text, published = page.title, page.text, page.published_at
    else:
        text = decode(raw, place=place)
    if suffix in {".html", ".htm"}:
        title, published = page_title(text), page_date(text)
        text = html_to_text(text)
        if not text:
            raise ParseError("the page holds no text", place=place, remedy="save the article's own page")
    return document_from_text(
        text,
        name=file.name,
        source=source.id,
        now=now,
        title=title,
        publisher=source.publisher,
        language=source.language,
        published_at=published,
    )
