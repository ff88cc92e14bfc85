"""The process that reads one PDF from standard input and answers {"title", "text", "date"} or {"error", "remedy"}."""

from __future__ import annotations

import json
import resource
import sys

MAX_PAGES = 300
MAX_CHARS = 2_000_000
_MEMORY = 1024 * 1024 * 1024
_CPU_S = 30


def read(raw: bytes) -> dict[str, str | None]:
    """Return the answer; raises nothing that a PDF may bring about, but may be killed by a limit."""
    try:
        import pypdfium2  # noqa: PLC0415  an extra
    except ImportError:
        return {
            "error": "PDF files are not read yet",
            "remedy": "install the extra: pip install 'news-event-monitor[pdf]'",
        }
    try:
        document = pypdfium2.PdfDocument(raw)
        parts: list[str] = []
        for number in range(min(len(document), MAX_PAGES)):
            parts.append(document[number].get_textpage().get_text_bounded())
            if sum(map(len, parts)) > MAX_CHARS:
                break
        about = document.get_metadata_dict()
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        return {
            "error": "the PDF is locked with a password" if locked else "the PDF is damaged",
            "remedy": "save an open copy of it" if locked else "get it again, or save its text as .txt",
        }
    return {
        "title": about.get("Title", ""),
        "text": "\n\n".join(parts)[:MAX_CHARS],
        "date": about.get("CreationDate", ""),
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    sys.stdout.write(json.dumps(read(sys.stdin.buffer.read())))
