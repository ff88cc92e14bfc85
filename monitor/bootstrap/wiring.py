"""A plan -> wired objects, and the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from babel import Locale
from babel.core import get_global

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import Plan, make_silence
from monitor.bootstrap.readers import make_reader
from monitor.bootstrap.state import opened
from monitor.bootstrap.telling import make_teller
from monitor.config import WebSettings
from monitor.core.model import (
    Document,
    Fetched,
    Problem,
    SourceCursor,
    SourceSpec,
)
from monitor.core.outgoing import Silence
from monitor.core.ports import Clock, Reader, SourceReader, Store
from monitor.extract.fingerprint import MinHashFingerprinter
from monitor.ingest import BATCH, Ingest, Ingested, Router
from monitor.notifier import alert_rows
from monitor.polling import Log
from monitor.scheduler import Rounds
from monitor.sources import Sources, read_paths
from monitor.sources.http import HttpClient
from monitor.store import open_store
from monitor.store.lock import hold
from monitor.watch import watch_sources
from monitor.web import STYLE, Health, Hubs, RouteDef, Silences, Unsubscribe, serve
from monitor.websub import WebSub


def make_ingest(plan: Plan, store: Store, reader: Reader | None = None) -> Ingest:
    """Return the use case, wired to `store`."""
    return Ingest(
        store=store,
        reader=reader or make_reader(plan),
        fingerprinter=MinHashFingerprinter(),
        events=plan.events,
        policy=plan.policy,
        router=_router(plan),
        country_names={c: _country_names(c, plan.config.languages) for e in plan.events for c in e.countries},
        copy_similarity=plan.config.copy_similarity,
    )


def read_documents(paths: Sequence[Path], clock: Clock) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """Return the documents in files, folders and streams, and what could not be read."""
    return read_paths(paths, clock())


def replay(
    plan: Plan, documents: Sequence[Document], *, clock: Clock, reader: Reader | None = None
) -> Iterator[Ingested]:
    """Yield what comes of `documents`, batch after batch, on a fresh state that is forgotten afterwards."""
    ingest = make_ingest(plan, open_store("memory:"), reader)
    for at in range(0, len(documents), BATCH):
        yield ingest.ingest(documents[at : at + BATCH], clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A plan wired to its stored state and to the world."""

    plan: Plan
    store: Store
    clock: Clock
    rounds: Rounds
    hubs: WebSub


@asynccontextmanager
async def running(
    plan: Plan,
    *,
    log: Log,
    clock: Clock = utc_now,
    store: Store | None = None,
    sources: SourceReader | None = None,
    reader: Reader | None = None,
) -> AsyncIterator[App]:
    """Own the stored state and yield the wired app; twins of the outside may be given for each part.

    Raises StateLockedError (exit code 75) when another process owns the state.
    """
    async with AsyncExitStack() as stack:
        if store is None:
            stack.enter_context(hold(plan.config.database))
            store = stack.enter_context(opened(plan.config))
        teller = make_teller(plan, store, clock, log)
        http = await stack.enter_async_context(HttpClient(proxy=plan.config.proxy))
        hubs = _websub(plan, store, clock, http, log)
        if sources is None:
            sources = await stack.enter_async_context(Sources(base_dir=Path("/"), http=http))
        rounds = Rounds(
            store=store,
            sources=plan.sources,
            reader=sources,
            ingest=make_ingest(plan, store, reader),
            teller=teller,
            clock=clock,
            log=log,
            watch=partial(_watch, plan, store, clock),
            subscribe=hubs.renew,
        )
        stack.callback(rounds.close)
        yield App(plan=plan, store=store, clock=clock, rounds=rounds, hubs=hubs)


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[int | None]:
    """Answer over HTTP while inside, where the configuration says so; yields the port."""
    settings = app.plan.config.web
    if settings is None:
        yield None
        return
    async with serve(_routes(app, settings), host=settings.host, port=settings.port) as port:
        yield port


def _routes(app: App, settings: WebSettings) -> list[RouteDef]:
    plan, store, clock = app.plan, app.store, app.clock
    routes = [STYLE, *Health(store=store, sources=plan.sources, clock=clock).routes()]
    if settings.secret is not None:
        secret = settings.secret.get_secret_value()
        routes += Hubs(websub=app.hubs, changed=app.rounds.read_soon).routes()
        routes += Unsubscribe(store=store, clock=clock, secret=secret, title=plan.config.title).routes()
    if settings.password is not None:
        password = settings.password.get_secret_value()
        routes += Silences(store=store, clock=clock, password=password, make=_silence).routes()
    return routes


def _silence(
    conditions: Sequence[str], now: datetime, ends_at: datetime, comment: str, author: str
) -> Silence:
    return make_silence(conditions, now=now, ends_at=ends_at, comment=comment, author=author)


async def try_source(source: SourceSpec, *, now: datetime, proxy: str | None = None) -> Fetched:
    """Read a source as if for the first time; nothing is stored."""
    async with Sources(base_dir=Path("/"), http=HttpClient(proxy=proxy)) as sources:
        return await sources.fetch(source, SourceCursor(source_id=source.id), now=now)


def _websub(plan: Plan, store: Store, clock: Clock, http: HttpClient, log: Log) -> WebSub:
    web = plan.config.web
    secret = web.secret.get_secret_value() if web and web.secret else ""
    public_url = web.public_url if web and web.websub else None
    return WebSub(store=store, clock=clock, http=http, log=log, secret=secret, public_url=public_url)


def _watch(plan: Plan, store: Store, clock: Clock, sources: Sequence[SourceSpec]) -> int:
    return watch_sources(store, sources, plan.operator, clock=clock)


def _router(plan: Plan) -> Router:
    rules = plan.rules
    if rules is None:
        return lambda *_: ()
    return lambda developments, view, now: alert_rows(view, rules, developments, now)


def _country_names(alpha3: str, languages: Sequence[str]) -> tuple[str, ...]:
    """Return a country's names in the languages that are read; CLDR knows it by its alpha-2 code."""
    aliases = get_global("territory_aliases").get(alpha3, [])
    return tuple(
        name for code in aliases for lang in languages if (name := Locale(lang).territories.get(code))
    )
