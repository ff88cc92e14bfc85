"""Which reader reads: the key `reader` of the configuration -> an object behind the `Reader` port.

Another way to read is a name in `config.settings.ReaderName` and a function here; nothing else asks which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import Plan
from monitor.config.settings import ReaderName
from monitor.core.ports import Reader
from monitor.extract.learned import available
from monitor.extract.learned.voice import LearnedVoice
from monitor.extract.llm.client import Endpoint
from monitor.extract.llm.memo import Memo
from monitor.extract.llm.reader import LlmReader
from monitor.extract.parse.reader import ParseReader, load_parsers
from monitor.extract.reader import LexicalReader


def make_reader(plan: Plan) -> Reader:
    """Return what reads claims out of documents; loading its lexicon takes a moment."""
    return READERS[plan.config.reader](plan)


def _lexical(plan: Plan) -> LexicalReader:
    return LexicalReader.load(plan.config.languages, plan.kinds, plan.lexicon)


def _llm(plan: Plan) -> LlmReader:
    settings = plan.config.llm
    assert settings is not None, "the configuration was checked"
    endpoint = Endpoint(
        url=settings.url,
        model=settings.model,
        key=settings.key.get_secret_value() if settings.key else None,
        allow_private=settings.allow_private,
        timeout_s=settings.timeout,
    )
    memo = Memo(Path(settings.cache))
    budget = settings.tokens_a_day
    return LlmReader(_lexical(plan), plan.kinds, endpoint, memo, tokens_a_day=budget, clock=utc_now)


def _parse(plan: Plan) -> ParseReader:
    models = {code: name for code, name in plan.config.parse.items() if code in plan.config.languages}
    return ParseReader(_lexical(plan), load_parsers(models))


def _with_network(plan: Plan, mode: Literal["learned", "both"]) -> LexicalReader:
    voice = LearnedVoice(mode=mode, threads=plan.config.reader_threads)
    return LexicalReader.load(plan.config.languages, plan.kinds, plan.lexicon, voice)


def _learned(plan: Plan) -> LexicalReader:
    return _with_network(plan, "learned")


def _both(plan: Plan) -> LexicalReader:
    return _with_network(plan, "both")


def _auto(plan: Plan) -> LexicalReader:
    """The best that is installed: the network is an extra, and the lexicon reads without it."""
    return _both(plan) if available() else _lexical(plan)


READERS: Mapping[ReaderName, Callable[[Plan], Reader]] = {
    "auto": _auto,
    "lexical": _lexical,
    "learned": _learned,
    "both": _both,
    "parse": _parse,
    "llm": _llm,
}
