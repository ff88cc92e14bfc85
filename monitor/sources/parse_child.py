"""The parser process: reads framed requests on standard input, answers on standard output, and may be killed.

A request is a line of JSON ({"what", "lengths", "url", "content_type", "cpu_s", "memory"}), `lengths[0]` bytes of
the document and `lengths[1]` bytes of marks that are known (8 each, in the machine's order); an answer is 4 bytes of length
(big-endian) and as many bytes of JSON: {"value": …} or {"error", "remedy"}.
"""

from __future__ import annotations

import json
import resource
import sys
from array import array
from typing import Any, BinaryIO

from monitor.core.errors import ParseError
from monitor.sources.article_text import read_article
from monitor.sources.delta import parse_new


def _limit(memory: int, cpu_s: int) -> None:
    """Bound this process: address space in bytes, and CPU seconds for the next request."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_s + 1, hard))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _answer(raw: bytes, marks: bytes, request: dict[str, Any]) -> dict[str, Any]:
    url, content_type = request["url"], request["content_type"]
    try:
        if request["what"] == "article":
            return {"value": read_article(raw, url=url, content_type=content_type)}
        known = frozenset(array("Q", marks))
        return {"value": parse_new(raw, url=url, content_type=content_type, known=known)}
    except ParseError as error:
        return {"error": error.message, "remedy": error.remedy}
    except MemoryError:
        return {"error": "the feed needs more memory than allowed", "remedy": None}
    except RecursionError:
        return {"error": "the feed is nested too deeply", "remedy": None}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until standard input ends (the daemon stopped)."""
    while line := requests.readline():
        request = json.loads(line)
        raw, marks = (requests.read(length) for length in request["lengths"])
        if [len(raw), len(marks)] != request["lengths"]:
            return
        _limit(request["memory"], request["cpu_s"])
        body = json.dumps(_answer(raw, marks, request)).encode()
        answers.write(len(body).to_bytes(4, "big") + body)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
