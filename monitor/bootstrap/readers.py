"""Which reader reads: the key `reader` of the configuration -> an object behind the `Reader` port.

Another way to read is a name in `config.settings.ReaderName` and a function here; nothing else asks which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.bootstrap.plan import Plan
from monitor.config.settings import ReaderName
from monitor.core.ports import Reader
from monitor.extract.reader import LexicalReader


def make_reader(plan: Plan) -> Reader:
    """Return what reads claims out of documents; loading its lexicon takes a moment."""
    return READERS[plan.config.reader](plan)


def _lexical(plan: Plan) -> LexicalReader:
    return LexicalReader.load(plan.config.languages, plan.kinds, plan.lexicon)


READERS: Mapping[ReaderName, Callable[[Plan], Reader]] = {"lexical": _lexical}
