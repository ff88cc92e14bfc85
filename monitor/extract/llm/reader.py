"""The reader that asks a model: implements the `Reader` port, and falls back to the lexicon whenever it must."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.model import Claim, Document
from monitor.core.policy import KindSpec
from monitor.core.ports import Clock, Reader
from monitor.extract.agree import joined
from monitor.extract.llm.client import AskError, Endpoint, ask
from monitor.extract.llm.memo import Memo
from monitor.extract.llm.question import MAX_ANSWER_TOKENS, MAX_TEXT, estimate, key_of, question
from monitor.extract.llm.verify import UnusableAnswerError, claims_of


class LlmReader:
    """Reads with a model what the lexicon reads too; never raises on any text, answer or failure.

    Call it from a thread without a running event loop. `tokens_a_day` bounds what is spent in a UTC day.
    """

    def __init__(
        self,
        lexical: Reader,
        kinds: Mapping[str, KindSpec],
        endpoint: Endpoint,
        memo: Memo,
        *,
        tokens_a_day: int,
        clock: Clock,
    ) -> None:
        self._lexical = lexical
        self._kinds = kinds
        self._endpoint = endpoint
        self._memo = memo
        self._tokens_a_day = tokens_a_day
        self._clock = clock
        self._rest_until: datetime | None = None

    def read(self, document: Document) -> tuple[Claim, ...]:
        """Return what the model and the lexicon tell, or what the lexicon tells with a note why."""
        lexical = self._lexical.read(document)
        try:
            content = self._content(document)
            told, refused = claims_of(content, document, self._kinds)
        except (AskError, UnusableAnswerError) as error:
            return _noted(lexical, f"read by the lexicon alone: the model: {error}")
        except (sqlite3.Error, OSError) as error:
            return _noted(lexical, f"read by the lexicon alone: the model's cache: {type(error).__name__}")
        if refused:
            told = [replace(c, notes=(*c.notes, f"{refused} others were not in the document")) for c in told]
        seen = [c for c in lexical if c.start < MAX_TEXT]
        beyond = tuple(c for c in lexical if c.start >= MAX_TEXT)
        return joined(told, seen, by="the model") + beyond

    def _content(self, document: Document) -> str:
        """Return the model's answer, kept or new; AskError where it must not or cannot be asked."""
        body = question(document, self._kinds, self._endpoint.model)
        key = key_of(body)
        kept = self._memo.answer(key)
        if kept is not None:
            return kept
        now = self._clock()
        if self._rest_until is not None and now < self._rest_until:
            raise AskError("it is left alone for a while after a failure")
        cost = estimate(body)
        if self._memo.spent(now.date()) + cost > self._tokens_a_day:
            raise AskError("the day's budget of tokens is spent")
        try:
            reply = asyncio.run(ask(self._endpoint, body))
        except AskError as error:
            if error.paid:
                self._memo.spend(now.date(), cost)
            if error.rest_s:
                self._rest_until = now + timedelta(seconds=error.rest_s)
            raise
        least = cost - MAX_ANSWER_TOKENS + len(reply.content) // 4
        self._memo.spend(now.date(), max(reply.tokens, least))
        claims_of(reply.content, document, self._kinds)
        self._memo.keep(key, reply.content, now.date())
        return reply.content


def _noted(claims: tuple[Claim, ...], note: str) -> tuple[Claim, ...]:
    return tuple(replace(claim, notes=(*claim.notes, note)) for claim in claims)
