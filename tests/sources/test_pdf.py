"""PDF files in a folder; they are read by a process of its own."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.errors import ParseError
from monitor.core.model import SourceSpec
from monitor.sources import pdf
from monitor.sources.folder import read_folder
from monitor.sources.pdf import flowing, read_pdf

NOW = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)


def make_pdf(*lines: str, title: str = "The title", date: str = "D:20240822120000+02'00'") -> bytes:
    """Return a PDF 1.4 file (ISO 32000-1) of one page with these lines."""
    body = f"BT /F1 12 Tf 72 720 Td 14 TL {' '.join(f'({line}) Tj T*' for line in lines)} ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(body)}>>stream\n{body}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Title({title})/CreationDate({date})>>",
    ]
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 7\n0000000000 65535 f \n{table}trailer<</Size 7/Root 1 0 R/Info 6 0 R>>\n"
    return (out + f"startxref\n{out.index('xref')}\n%%EOF").encode("latin-1")


def test_a_pdf_in_a_folder_is_a_document(tmp_path: Path) -> None:
    lines = (
        "Police in Caracas arrested the union",
        "leader Ramona Quintero on Tuesday.",
        "A second paragraph.",
    )
    (tmp_path / "report.PDF").write_bytes(make_pdf(*lines))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 rubbish")
    reading = read_folder(tmp_path, SourceSpec(id="desk", type="folder", location=""), now=NOW)
    (document,) = reading.documents
    assert document.title == "The title"
    assert document.published_at == datetime(2024, 8, 22, 10, tzinfo=UTC)
    assert document.text == (
        "Police in Caracas arrested the union leader Ramona Quintero on Tuesday.\n\nA second paragraph."
    )
    (problem,) = reading.problems
    assert (problem.place, problem.message) == (str(tmp_path / "broken.pdf"), "the PDF is damaged")
    assert problem.remedy


def test_a_pdf_without_text_says_what_to_do() -> None:
    with pytest.raises(ParseError, match="holds no text") as caught:
        read_pdf(make_pdf(), place="scan.pdf")
    assert caught.value.remedy == "run text recognition over it first"


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.sources import pdf_child

    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert "news-event-monitor[pdf]" in str(pdf_child.read(make_pdf("x"))["remedy"])


def test_a_reader_that_hangs_or_dies_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "python"
    monkeypatch.setattr(pdf.sys, "executable", str(script))
    script.write_text("#!/bin/sh\nexec sleep 20\n")
    script.chmod(0o700)
    with pytest.raises(ParseError, match=r"longer than 0\.2 seconds"):
        read_pdf(b"", place="slow.pdf", timeout_s=0.2)
    script.write_text("#!/bin/sh\nkill -9 $$\n")
    with pytest.raises(ParseError, match="brought its reader down"):
        read_pdf(b"", place="deadly.pdf")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("The pre-\r\nsident left.\r\nShe said so.", "The president left.\n\nShe said so."),
        ("The presi\x02dent left", "The president left"),
        ("One\r\n\r\nline", "One\n\nline"),
        ("“It is over.”\r\nMr X-\r\nRay said.", "“It is over.”\n\nMr X- Ray said."),
        ("  \r\n", ""),
    ],
)
def test_lines_become_paragraphs(page: str, text: str) -> None:
    assert flowing(page) == text


@pytest.mark.parametrize("date", ["", "yesterday", "D:20241399", "D:2024"])
def test_odd_dates_do_not_hurt(date: str) -> None:
    expected = datetime(2024, 1, 1, tzinfo=UTC) if date == "D:2024" else None
    assert read_pdf(make_pdf("Words.", date=date), place="x.pdf").published_at == expected
