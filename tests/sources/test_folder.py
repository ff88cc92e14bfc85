from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.errors import SourceError
from monitor.core.model import SourceSpec
from monitor.sources.folder import read_folder
from monitor.sources.reader import read_paths

NOW = datetime(2024, 9, 1, tzinfo=UTC)


def folder(root: Path, *patterns: str) -> SourceSpec:
    return SourceSpec(
        id="notes", type="folder", location=str(root), patterns=patterns or ("*.txt", "*.md", "*.html")
    )


def put(root: Path, name: str, content: str | bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def names(root: Path) -> list[str]:
    return [d.name for d in read_folder(root, folder(root), now=NOW).documents]


def test_backlog_is_read_by_date_and_the_undated_follow_by_name(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "No date here.")
    put(tmp_path, "b.txt", " date 2024-08-24 Text on the same line.")
    put(tmp_path, "c.txt", "date 2024-08-05\nText.")
    put(tmp_path, "0.txt", "No date here either.")
    put(tmp_path, "sub/d.txt", "\n date 2024-08-08 \n\nText.")
    assert names(tmp_path) == ["c.txt", "sub/d.txt", "b.txt", "0.txt", "a.txt"]


def test_text_is_kept_exactly_as_read(tmp_path: Path) -> None:
    text = " date 2024-08-24 Both in one line,\n\n  glued.Words – and “quotes”.\n"
    put(tmp_path, "a.txt", text)
    (document,) = read_folder(tmp_path, folder(tmp_path), now=NOW).documents
    assert document.text == text
    assert document.published_at == datetime(2024, 8, 24, tzinfo=UTC)
    assert document.dated


@pytest.mark.parametrize(
    "first",
    ["date 2024-13-45 x", "The date 2024-08-24 was set", "update 2024-08-24", "date 2024-08-241"],
)
def test_what_is_no_date_header_dates_nothing(tmp_path: Path, first: str) -> None:
    put(tmp_path, "a.txt", first)
    (document,) = read_folder(tmp_path, folder(tmp_path), now=NOW).documents
    assert document.published_at is None
    assert not document.dated


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Edmundo González".encode("utf-8-sig"), "Edmundo González"),
        ("Edmundo González".encode("utf-16"), "Edmundo González"),
        ("Edmundo González – “so”".encode("cp1252"), "Edmundo González – “so”"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
    ],
)
def test_encodings(tmp_path: Path, raw: bytes, expected: str) -> None:
    put(tmp_path, "a.txt", raw)
    (document,) = read_folder(tmp_path, folder(tmp_path), now=NOW).documents
    assert document.text == expected


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "not a text file"),
        (bytes(range(1, 32)) * 40 + b"\xff\x90" * 40, "not a text file"),
        (b"\xff\xfeA", "not a text file"),
    ],
)
def test_a_file_that_is_no_text_is_told(tmp_path: Path, raw: bytes, message: str) -> None:
    bad = put(tmp_path, "bad.txt", raw)
    put(tmp_path, "good.txt", "A good one.")
    reading = read_folder(tmp_path, folder(tmp_path), now=NOW)
    assert [d.name for d in reading.documents] == ["good.txt"]
    (problem,) = reading.problems
    assert problem.place == str(bad)
    assert message in problem.message
    assert problem.remedy


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere: there is no such folder \(create it"):
        read_folder(tmp_path / "nowhere", folder(tmp_path), now=NOW)


def test_nothing_outside_of_the_folder_hidden_or_foreign_is_read(tmp_path: Path) -> None:
    secret = put(tmp_path, "secret/key.txt", "A secret.")
    root = tmp_path / "root"
    put(root, ".hidden.txt", "x")
    put(root, ".git/x.txt", "x")
    put(root, "README.md", "x")
    put(root, "picture.png", "x")
    put(root, "a.txt", "A.")
    (root / "link.txt").symlink_to(secret)
    (root / "away").symlink_to(secret.parent)
    (root / "inside.txt").symlink_to(root / "a.txt")
    (root / "loop.txt").symlink_to(root / "loop.txt")
    os.mkfifo(root / "pipe.txt")
    reading = read_folder(root, folder(root), now=NOW)
    assert [d.name for d in reading.documents] == ["a.txt", "inside.txt"]
    assert sorted(Path(p.place).name for p in reading.problems) == ["link.txt", "loop.txt"]


def test_an_unchanged_folder_is_not_read_again(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "One.")
    first = read_folder(tmp_path, folder(tmp_path), now=NOW)
    again = read_folder(tmp_path, folder(tmp_path), now=NOW, mark=first.mark)
    assert again.documents == ()
    put(tmp_path, "b.txt", "Two.")
    third = read_folder(tmp_path, folder(tmp_path), now=NOW, mark=again.mark)
    assert [d.name for d in third.documents] == ["a.txt", "b.txt"]


def test_of_a_changed_folder_only_the_changed_files_are_opened(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "One.")
    put(tmp_path, "b.txt", "Two.")
    put(tmp_path, "bad.txt", "")
    first = read_folder(tmp_path, folder(tmp_path), now=NOW)
    put(tmp_path, "b.txt", "Two, edited.")
    put(tmp_path, "c.md", "Three.")
    second = read_folder(tmp_path, folder(tmp_path), now=NOW, mark=first.mark, known=first.seen or ())
    assert [d.name for d in second.documents] == ["b.txt", "c.md"]
    assert [p.message for p in second.problems] == ["the file is empty"]  # until it is mended
    assert len(second.seen or ()) == 3
    (tmp_path / "c.md").unlink()
    third = read_folder(tmp_path, folder(tmp_path), now=NOW, mark=second.mark, known=second.seen or ())
    assert (third.documents, len(third.seen or ())) == ((), 2)


def test_a_file_that_is_still_being_written_waits_for_the_next_poll(tmp_path: Path) -> None:
    put(tmp_path, "done.txt", "Done.")
    growing = tmp_path / "growing.txt"
    growing.write_text("x")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with growing.open("a") as handle:
                handle.write("more ")
            time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        now = datetime.fromtimestamp(growing.stat().st_mtime, UTC)
        reading = read_folder(tmp_path, folder(tmp_path), now=now)
    finally:
        stop.set()
        writer.join()
    assert [d.name for d in reading.documents] == ["done.txt"]
    assert "still being written" in reading.problems[0].message
    assert reading.mark is None
    after = read_folder(tmp_path, folder(tmp_path), now=NOW, mark=reading.mark)
    assert [d.name for d in after.documents] == ["done.txt", "growing.txt"]


def test_an_html_page_becomes_paragraphs(tmp_path: Path) -> None:
    put(
        tmp_path,
        "page.html",
        '<!doctype html><html><head><title>The &amp; ruling</title><meta property="article:published_time" '
        'content="2024-08-22T18:00:00-04:00"><style>p{}</style></head><body><script>steal()</script><h1>Head</h1>'
        "<p>The <b>court</b> upheld\nit.</p><ul><li>One</li><li>Two</li></ul></body></html>",
    )
    (document,) = read_folder(tmp_path, folder(tmp_path), now=NOW).documents
    assert document.text == "Head\n\nThe court upheld it.\n\nOne\n\nTwo"
    assert document.title == "The & ruling"
    assert document.published_at == datetime(2024, 8, 22, 22, 0, tzinfo=UTC)


def test_ids_depend_on_identity_and_content_only(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "One.")
    (first,) = read_folder(tmp_path, folder(tmp_path), now=NOW).documents
    (again,) = read_folder(tmp_path, folder(tmp_path), now=NOW.replace(year=2025)).documents
    put(tmp_path, "a.txt", "One, edited.")
    (edited,) = read_folder(tmp_path, folder(tmp_path), now=NOW).documents
    assert first.id == again.id != edited.id
    assert first.identity == edited.identity
    assert first.content_hash != edited.content_hash


def test_read_paths_takes_documents_folders_and_streams_in_order(tmp_path: Path) -> None:
    put(tmp_path, "f/b.txt", "date 2024-08-02\nB.")
    put(tmp_path, "f/a.txt", "date 2024-08-03\nA.")
    put(tmp_path, "s.jsonl", '{"id": "j2", "text": "J2."}\n{"id": "j1", "text": "J1."}\n')
    put(tmp_path, "one.txt", "One.")
    (tmp_path / "empty").mkdir()
    wanted = ["one.txt", "s.jsonl", "f", "missing", "empty"]
    documents, problems = read_paths([tmp_path / name for name in wanted], NOW)
    assert [d.name for d in documents] == ["one.txt", "j2", "j1", "b.txt", "a.txt"]
    assert [Path(p.place).name for p in problems] == ["missing", "empty"]
    assert all(p.remedy for p in problems)
