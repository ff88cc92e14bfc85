from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.errors import SourceError
from monitor.core.model import SourceSpec
from monitor.sources.folder import Reading
from monitor.sources.jsonl import read_jsonl

NOW = datetime(2024, 9, 1, tzinfo=UTC)


def read(path: Path, *lines: object, mark: str | None = None) -> Reading:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return read_jsonl(path, SourceSpec(id="stream", type="jsonl", location=str(path)), now=NOW, mark=mark)


def test_all_fields(tmp_path: Path) -> None:
    line = {
        "id": "n1",
        "title": "The <i>ruling</i>",
        "text": "<p>First &amp; foremost.</p><script>no()</script><p>Second.</p>",
        "url": "https://paper.example/n1",
        "source": "paper",
        "published": "2024-08-22T18:00:00-04:00",
        "language": "en",
    }
    (document,) = read(tmp_path / "s.jsonl", line).documents
    assert document.name == "n1"
    assert document.title == "The ruling"
    assert document.text == "First & foremost.\n\nSecond."
    assert (document.url, document.source, document.language) == ("https://paper.example/n1", "paper", "en")
    assert document.published_at == datetime(2024, 8, 22, 22, tzinfo=UTC)


def test_plain_text_is_kept_exactly_and_given_order_too(tmp_path: Path) -> None:
    text = "  Two  spaces,\n\n\n\nmany lines, 3 < 4 > 2.\n"
    lines = [
        {"id": "b", "text": text, "published": "2024-08-22"},
        {"id": "a", "text": "Earlier", "published": "2024-08-01"},
    ]
    documents = read(tmp_path / "s.jsonl", *lines).documents
    assert [d.name for d in documents] == ["b", "a"]
    assert documents[0].text == text


def test_a_title_alone_is_the_text(tmp_path: Path) -> None:
    line = {"id": "a", "title": "Court upholds result", "published": None}
    (document,) = read(tmp_path / "s.jsonl", line).documents
    assert document.text == document.title == "Court upholds result"
    assert document.published_at is None
    assert not document.dated


def test_the_date_header_counts_where_published_is_missing(tmp_path: Path) -> None:
    line = {"id": "a", "text": " date 2024-08-05 Text"}
    (document,) = read(tmp_path / "s.jsonl", line).documents
    assert document.published_at == datetime(2024, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", "not JSON"),
        ("[1]", "no JSON object"),
        ('{"text": "no id"}', 'no "id"'),
        ('{"id": "x"}', 'no "text"'),
        ('{"id": "x", "text": ["a"]}', '"text" is no text'),
        ('{"id": "x", "text": "a", "published": "yesterday"}', "'yesterday'"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_told_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "s.jsonl"
    reading = read(path, {"id": "a", "text": "A."}, "", line, {"id": 7, "text": "Seven."})
    assert [d.name for d in reading.documents] == ["a", "7"]
    (problem,) = reading.problems
    assert problem.place == f"{path}:3"
    assert message in problem.message
    assert problem.remedy


def test_only_web_links_are_kept(tmp_path: Path) -> None:
    line = {"id": "a", "text": "A.", "url": "javascript:alert(1)"}
    (document,) = read(tmp_path / "s.jsonl", line).documents
    assert document.url is None


def test_missing_empty_and_unchanged_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        read_jsonl(tmp_path / "no.jsonl", SourceSpec(id="s", type="jsonl", location=""), now=NOW)
    assert "empty" in read(tmp_path / "e.jsonl").problems[0].message
    first = read(tmp_path / "s.jsonl", {"id": "a", "text": "A."})
    spec = SourceSpec(id="stream", type="jsonl", location="")
    assert read_jsonl(tmp_path / "s.jsonl", spec, now=NOW, mark=first.mark) == Reading(mark=first.mark)


def test_of_a_stream_that_grows_only_new_lines_are_read(tmp_path: Path) -> None:
    path, spec = tmp_path / "s.jsonl", SourceSpec(id="stream", type="jsonl", location="")
    lines = [json.dumps({"id": str(n), "text": f"Text {n}."}) for n in range(3)]
    path.write_text("\n".join(lines[:2]) + "\n")
    first = read_jsonl(path, spec, now=NOW)
    path.write_text("\n".join(lines) + '\n{"id": "4", "te')
    second = read_jsonl(path, spec, now=NOW, mark=first.mark, known=first.seen or ())
    assert [d.name for d in second.documents] == ["2"]
    (problem,) = second.problems
    assert problem.place.endswith(":4")
    assert problem.message == "the last line is not complete"
    path.write_text("\n".join(lines) + '\n{"id": "4", "text": "Text 4."}')
    third = read_jsonl(path, spec, now=NOW, mark=second.mark, known=second.seen or ())
    assert ([d.name for d in third.documents], third.problems) == (["4"], ())
    lines[0] = json.dumps({"id": "0", "text": "Corrected."})
    path.write_text("\n".join(lines) + "\n")
    fourth = read_jsonl(path, spec, now=NOW, mark=third.mark, known=third.seen or ())
    assert [(d.name, d.text) for d in fourth.documents] == [("0", "Corrected.")]
