"""What the extractor's tests share: one reader, and documents of a known day."""

from datetime import UTC, datetime
from functools import cache

from monitor.core.model import Claim, Document
from monitor.extract.chunker import find_chunks
from monitor.extract.chunks import Chunk
from monitor.extract.language import load_language
from monitor.extract.places import fold
from monitor.extract.reader import LexicalReader
from monitor.extract.tagger import tag
from monitor.extract.tokens import Token, tokenize

DAY = datetime(2024, 8, 20, tzinfo=UTC)
SMALL = frozenset("the a an of and in on at for to his her its their by s el la los las de".split())


@cache
def reader() -> LexicalReader:
    return LexicalReader.load(("en", "es"))


def document(text: str, *, day: datetime = DAY, language: str | None = None, dated: bool = True) -> Document:
    """Return a document of a known day, or of none."""
    return Document(
        id="d1",
        identity="d1",
        name="one.txt",
        source="test",
        text=text,
        retrieved_at=day,
        content_hash="0",
        published_at=day if dated else None,
        dated=dated,
        language=language,
    )


def read(text: str, *, language: str | None = "en", dated: bool = True) -> tuple[Claim, ...]:
    return reader().read(document(text, language=language, dated=dated))


def words(text: str) -> set[str]:
    """Return the words that can tell a name, folded and cut to their stems."""
    clean = "".join(c if c.isalnum() else " " for c in fold(text))
    return {w[:5] for w in clean.split() if w not in SMALL}


def tagged(text: str, code: str = "en") -> tuple[list[Token], list[Chunk]]:
    """Return the tagged tokens of one sentence, and its chunks."""
    tokens, language = tokenize(text, 0, len(text)), load_language(code)
    tag(tokens, language)
    return tokens, find_chunks(tokens, language)
