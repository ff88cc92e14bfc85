"""A configuration in the words of the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.config import Config, RouteSettings
from monitor.config.values import split_condition
from monitor.core.errors import ConfigError
from monitor.core.model import EventSpec, KindSpec, Matcher, Policy, Route, SourceSpec, Subscription
from monitor.core.routing import check_matcher
from monitor.extract.kinds import kinds_in, load_kinds
from monitor.extract.language import check_language


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A configuration in the words of the core: what is monitored, read and told."""

    config: Config
    events: tuple[EventSpec, ...]
    kinds: Mapping[str, KindSpec]
    lexicon: tuple[Path, ...]
    policy: Policy
    sources: tuple[SourceSpec, ...]
    tree: Route | None
    recipients: Mapping[str, tuple[str, ...]]
    subscriptions: tuple[Subscription, ...]


def plan(config: Config, *, lone_event: str = "all") -> Plan:
    """Return what `config` means. Without events there is one, `lone_event`, which takes every document.

    Raises ConfigError for what only the rooms themselves can judge: kinds, conditions, zones.
    """
    lexicon = _lexicon(config)
    kinds = load_kinds(*kinds_in(lexicon), *([Path(config.kinds)] if config.kinds else []))
    events = tuple(
        EventSpec(id=e.id, name=e.name, countries=e.countries, actors=e.actors, words=e.words, kinds=e.kinds)
        for e in config.events
    )
    for event in events:
        for kind in event.kinds:
            if kind not in kinds:
                raise ConfigError(
                    f'the event "{event.id}" names the kind "{kind}", which there is not',
                    place="events",
                    remedy=f"use one of {', '.join(sorted(kinds))}",
                )
    recipients = {r.name: r.email.to if r.email else (r.name,) for r in config.receivers}
    return Plan(
        config=config,
        events=events or (EventSpec(id=lone_event, name=lone_event),),
        kinds=kinds,
        lexicon=lexicon,
        policy=Policy(
            kinds=kinds,
            min_confidence=config.min_confidence,
            families={outlet: family for family, outlets in config.publishers.items() for outlet in outlets},
        ),
        sources=tuple(_source(config, index) for index in range(len(config.sources))),
        tree=_route(config.route, None) if config.route else None,
        recipients=recipients,
        subscriptions=tuple(
            Subscription(
                id=d.id,
                receiver=d.receiver,
                recipients=recipients[d.receiver],
                zone=d.zone,
                at=d.at,
                cron=d.cron,
                events=d.events,
                when_empty=d.when_empty,
            )
            for d in config.digests
        ),
    )


def _lexicon(config: Config) -> tuple[Path, ...]:
    """Return the user's lexicon folders, once it is sure that they and the languages are there."""
    folders = (Path(config.lexicon),) if config.lexicon else ()
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError("there is no such folder", place=f"lexicon {folder}", remedy="correct the path")
    for code in config.languages:
        check_language(code, folders)
    return folders


def _source(config: Config, index: int) -> SourceSpec:
    s = config.sources[index]
    return SourceSpec(
        id=s.id,
        type=s.type,
        location=s.location,
        interval_s=max(1, int(s.every)),
        publisher=s.publisher,
        language=s.language,
        headers=tuple(s.headers.items()),
        allow_private=s.allow_private,
        patterns=s.patterns,
    )


def _route(settings: RouteSettings, parent: Route | None) -> Route:
    """Return a node with what it does not say itself taken from its parent, as Alertmanager does."""
    above = parent or Route()
    matchers = tuple(Matcher(field=f, op=o, value=v) for f, o, v in map(split_condition, settings.matchers))
    for matcher in matchers:
        check_matcher(matcher)
    node = Route(
        receiver=settings.receiver or above.receiver,
        matchers=matchers,
        group_by=above.group_by if settings.group_by is None else settings.group_by,
        group_wait_s=above.group_wait_s if settings.group_wait is None else settings.group_wait,
        group_interval_s=above.group_interval_s
        if settings.group_interval is None
        else settings.group_interval,
        continue_=settings.continue_,
    )
    return replace(node, routes=tuple(_route(child, node) for child in settings.routes))
