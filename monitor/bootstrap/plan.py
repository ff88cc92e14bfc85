"""A configuration in the words of the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import TypeVar

from monitor.config import Config, QuietHoursSettings, RouteSettings, SourceSettings
from monitor.config.values import WEEKDAYS, condition, split_condition
from monitor.core.errors import ConfigError, UsageError
from monitor.core.matching import check_field, check_matcher
from monitor.core.model import (
    EventSpec,
    SourceSpec,
    stable_id,
)
from monitor.core.outgoing import InhibitRule, Matcher, QuietHours, Route, Silence, Subscription
from monitor.core.policy import KindSpec, Policy
from monitor.core.routing import Rules
from monitor.extract.kinds import kinds_in, load_bodies, load_kinds, load_measures
from monitor.extract.language import check_language
from monitor.notifier import Operator

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A configuration in the words of the core: what is monitored, read and told."""

    config: Config
    events: tuple[EventSpec, ...]
    kinds: Mapping[str, KindSpec]
    lexicon: tuple[Path, ...]
    policy: Policy
    sources: tuple[SourceSpec, ...]
    rules: Rules | None
    recipients: Mapping[str, tuple[str, ...]]
    subscriptions: tuple[Subscription, ...]
    operator: Operator | None


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
    operator = config.operator
    return Plan(
        config=config,
        events=events or (EventSpec(id=lone_event, name=lone_event),),
        kinds=kinds,
        lexicon=lexicon,
        policy=Policy(
            kinds=kinds,
            min_confidence=config.min_confidence,
            families={outlet: family for family, outlets in config.publishers.items() for outlet in outlets},
            bodies=load_bodies(),
            measures=load_measures(),
        ),
        sources=tuple(_source(config, index) for index in range(len(config.sources))),
        rules=_rules(config, recipients, kinds),
        recipients=recipients,
        subscriptions=tuple(
            Subscription(
                id=d.id,
                receiver=d.receiver,
                recipients=d.to or recipients[d.receiver],
                zone=d.zone,
                at=d.at,
                cron=d.cron,
                events=d.events,
                matchers=_matchers(d.matchers),
                when_empty=d.when_empty,
            )
            for d in config.digests
        ),
        operator=Operator(receiver=operator, recipients=recipients[operator]) if operator else None,
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


def make_silence(
    conditions: Sequence[str], *, now: datetime, ends_at: datetime, comment: str, author: str
) -> Silence:
    """Return a silence that begins now; raise UsageError for conditions that cannot work."""
    try:
        matchers = _matchers([condition(one) for one in conditions])
    except (ValueError, ConfigError) as error:
        message = error.message if isinstance(error, ConfigError) else str(error)
        remedy = error.remedy if isinstance(error, ConfigError) else None
        raise UsageError(message, place="silence", remedy=remedy) from None
    if not matchers:
        raise UsageError("needs at least one condition", place="silence", remedy='write "kind = protest"')
    return Silence(
        id=stable_id("s", now.isoformat(), author, *conditions),
        matchers=matchers,
        starts_at=now,
        ends_at=ends_at,
        comment=comment,
        created_by=author,
    )


def _source(config: Config, index: int) -> SourceSpec:
    s = config.sources[index]
    return SourceSpec(
        id=s.id,
        type=s.type,
        location=s.location,
        interval_s=max(1, int(s.every)),
        publisher=s.publisher,
        language=s.language,
        headers=_headers(s),
        allow_private=s.allow_private,
        patterns=s.patterns,
        include=s.include,
        exclude=s.exclude,
        full_text=s.full_text,
    )


def _headers(settings: SourceSettings) -> tuple[tuple[str, str], ...]:
    token = settings.token.get_secret_value() if settings.token else None
    own = (("Authorization", f"Bearer {token}"),) if token else ()
    return (*settings.headers.items(), *own)


def _rules(
    config: Config, recipients: Mapping[str, tuple[str, ...]], kinds: Mapping[str, KindSpec]
) -> Rules | None:
    if config.route is None:
        return None
    inhibit = tuple(
        InhibitRule(
            source=_matchers(rule.source_matchers),
            target=_matchers(rule.target_matchers),
            equal=rule.equal,
            within_s=rule.within,
        )
        for rule in config.inhibit_rules
    )
    for name in (name for rule in inhibit for name in rule.equal):
        check_field(name, place="inhibit_rules")
    return Rules(tree=_route(config.route, None), receivers=recipients, inhibit=inhibit, kinds=kinds)


def _matchers(conditions: Sequence[str]) -> tuple[Matcher, ...]:
    matchers = tuple(Matcher(field=f, op=o, value=v) for f, o, v in map(split_condition, conditions))
    for matcher in matchers:
        check_matcher(matcher)
    return matchers


def _route(settings: RouteSettings, parent: Route | None) -> Route:
    """Return a node with what it does not say itself taken from its parent, as Alertmanager does."""
    above = parent or Route()
    for name in settings.group_by or ():
        if name != "...":
            check_field(name, place="route: group_by")

    def own(value: T | None, inherited: T) -> T:
        return inherited if value is None else value

    node = Route(
        receiver=settings.receiver or above.receiver,
        to=settings.to or (above.to if settings.receiver in {None, above.receiver} else ()),
        matchers=_matchers(settings.matchers),
        group_by=own(settings.group_by, above.group_by),
        group_wait_s=own(settings.group_wait, above.group_wait_s),
        group_interval_s=own(settings.group_interval, above.group_interval_s),
        repeat_interval_s=own(settings.repeat_interval, above.repeat_interval_s),
        quiet_hours=above.quiet_hours
        if settings.quiet_hours is None
        else tuple(_quiet(hours) for hours in settings.quiet_hours),
        continue_=settings.continue_,
    )
    return replace(node, routes=tuple(_route(child, node) for child in settings.routes))


def _quiet(settings: QuietHoursSettings) -> QuietHours:
    return QuietHours(
        start=time.fromisoformat(settings.start),
        end=time.fromisoformat(settings.end),
        zone=settings.zone,
        days=tuple(WEEKDAYS.index(day) for day in settings.days),
        unless=_matchers(settings.unless),
    )
