"""Receivers and digests of a plan, wired to its stored state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from monitor.bootstrap.plan import Plan
from monitor.config import EmailSettings, ReceiverSettings
from monitor.core.digests import digest_content, preview_period
from monitor.core.errors import ConfigError, UsageError
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Development,
    stable_id,
)
from monitor.core.outgoing import DigestPeriod, OutboxEntry, Subscription
from monitor.core.ports import Clock, Receiver, Store, View
from monitor.core.tokens import make_token
from monitor.notifier import Delivered, Deliverer, digest_developments, make_digests
from monitor.polling import Log
from monitor.receivers.apprise import AppriseReceiver
from monitor.receivers.cron import cron_time
from monitor.receivers.email import EmailReceiver, Mailbox, OneClick
from monitor.receivers.oauth import Grant, TokenSource
from monitor.receivers.render import Renderer
from monitor.receivers.slack import SlackReceiver
from monitor.receivers.webhook import WebhookReceiver


class Telling:
    """Delivers what is due and queues the digests that are due; what comes of it is logged."""

    def __init__(
        self,
        *,
        plan: Plan,
        store: Store,
        receivers: Mapping[str, Receiver],
        renderer: Renderer,
        clock: Clock,
        log: Log,
    ) -> None:
        self._plan = plan
        self._store = store
        self._renderer = renderer
        self._clock = clock
        self._log = log
        self._deliverer = Deliverer(
            store,
            receivers,
            plan.events,
            clock=clock,
            rules=plan.rules,
            operator=plan.operator,
            report=self._report,
        )

    async def deliver(self) -> None:
        """Deliver all that is due, and wait for it."""
        while started := self._deliverer.start_due():
            await asyncio.gather(*started)

    def start_due(self) -> None:
        """Start to deliver what is due."""
        self._deliverer.start_due()

    async def drain(self) -> None:
        """Let deliveries under way finish, and start no more."""
        await self._deliverer.drain()

    def digest(self) -> int:
        """Render and queue the digests that are due; return how many."""
        return queue_digests(self._plan, self._store, self._clock(), self._renderer)

    def _report(self, done: Delivered) -> None:
        if done.sent:
            self._log.info("delivered", action="deliver", count=done.sent)
        for problem in done.problems:
            self._log.warning(problem.message, action="deliver", place=problem.place, remedy=problem.remedy)


def queue_digests(plan: Plan, store: Store, now: datetime, renderer: Renderer | None = None) -> int:
    """Render and queue the digests that are due; return how many."""
    return make_digests(
        store,
        plan.subscriptions,
        plan.events,
        plan.kinds,
        render=(renderer or make_renderer(plan)).digest,
        now=now,
        cron_time=cron_time,
    )


def make_teller(plan: Plan, store: Store, clock: Clock, log: Log) -> Telling:
    """Return the plan's receivers and digests, wired to `store`."""

    def warn(text: str) -> None:
        log.warning(text, action="render")

    renderer = make_renderer(plan, warn)
    return Telling(
        plan=plan,
        store=store,
        receivers=make_receivers(plan, renderer, clock),
        renderer=renderer,
        clock=clock,
        log=log,
    )


def make_renderer(plan: Plan, warn: Callable[[str], None] | None = None) -> Renderer:
    """Return what renders digests and alerts."""
    folder = Path(plan.config.templates) if plan.config.templates else None
    return Renderer(
        kinds=plan.kinds,
        title=plan.config.title,
        folder=folder,
        warn=warn,
        unsubscribes=one_click(plan) is not None,
    )


def make_receivers(plan: Plan, renderer: Renderer, clock: Clock) -> dict[str, Receiver]:
    """Return the configured receivers by name."""
    return {settings.name: _receiver(settings, plan, renderer, clock) for settings in plan.config.receivers}


async def send_sample(plan: Plan, name: str, clock: Clock) -> int:
    """Send an invented development to all recipients of a receiver, past the outbox; return to how many.

    Raises DeliveryError when it is not taken, UsageError when there is no such receiver.
    """
    receivers = make_receivers(plan, make_renderer(plan), clock)
    if name not in receivers:
        known = ", ".join(receivers) or "none is configured"
        raise UsageError(f'there is no receiver "{name}"', place="notify test", remedy=known)
    now = clock()
    sample = _sample(plan, now)
    for recipient in plan.recipients[name]:
        entry = OutboxEntry(
            id=stable_id("t", name, recipient, now.isoformat()),
            type="alert",
            receiver=name,
            recipient=recipient,
            group_key="sample",
            not_before=now,
            created_at=now,
            development_id=sample.id,
            event_id=sample.event_id,
        )
        await receivers[name].send(recipient, [entry], [sample], plan.events)
    return len(plan.recipients[name])


def _sample(plan: Plan, now: datetime) -> Development:
    """Return a development that nobody can take for news."""
    quote = "This is a sample: nothing has happened."
    return Development(
        id=stable_id("d", "sample", now.isoformat()),
        event_id=plan.events[0].id,
        fact_id="sample",
        claim_id="sample",
        document_id="sample",
        document="sample.txt",
        source="sample",
        url=None,
        change=Change.NEW,
        reason="somebody asked for a sample with `monitor notify test`",
        kind="statement",
        plover=plan.kinds["statement"].plover,
        actors=(Actor(name="Sample speaker"),),
        stance="other",
        topic="sample",
        certainty=Certainty.ASSERTED,
        published=now.date(),
        quote=quote,
        start=0,
        end=len(quote),
        sources=("sample",),
        confidence=1.0,
        found_at=now,
    )


def preview_digest(plan: Plan, view: View, subscription_id: str | None, *, at: datetime) -> dict[str, str]:
    """Return subject, text and html of the digest as it would be sent at `at`; nothing is recorded.

    Without a subscription it is the digest of all events over the last day.
    """
    if subscription_id is None and plan.subscriptions:
        subscription_id = plan.subscriptions[0].id
    if subscription_id is None:
        period = DigestPeriod(
            subscription_id="preview", local_date=at.date(), after=at - timedelta(days=1), until=at
        )
        found = view.developments(after=period.after, until=at)
        return _render(plan, period, found, "UTC")
    subscription = find_subscription(plan, subscription_id)
    period = preview_period(subscription, last=view.last_digests(), at=at)
    found = digest_developments(view, subscription, period, plan.kinds)
    return _render(plan, period, found, subscription.zone)


def demo_digest(plan: Plan, developments: Sequence[Development], *, now: datetime) -> dict[str, str]:
    """Return subject, text and html of a digest of `developments`."""
    period = DigestPeriod(subscription_id="demo", local_date=now.date(), after=None, until=now)
    return _render(plan, period, developments, "UTC")


def _render(plan: Plan, period: DigestPeriod, found: Sequence[Development], zone: str) -> dict[str, str]:
    content = digest_content(period, found, plan.events, plan.kinds)
    return make_renderer(plan).digest(content, zone)


def find_subscription(plan: Plan, subscription_id: str) -> Subscription:
    """Return a digest's subscription; raise UsageError when there is none of that name."""
    for subscription in plan.subscriptions:
        if subscription.id == subscription_id:
            return subscription
    known = ", ".join(s.id for s in plan.subscriptions) or "none is configured"
    raise UsageError(f'there is no digest "{subscription_id}"', place="digest", remedy=known)


def _receiver(settings: ReceiverSettings, plan: Plan, renderer: Renderer, clock: Clock) -> Receiver:
    if settings.email is not None:
        return EmailReceiver(
            settings.name,
            _mailbox(settings.name, settings.email, clock),
            render_alert=renderer.alert,
            one_click=one_click(plan),
        )
    if (slack := settings.slack) is not None and slack.url is not None:
        return SlackReceiver(
            settings.name, slack.url.get_secret_value(), kinds=plan.kinds, allow_private=slack.allow_private
        )
    if settings.apprise is not None and settings.apprise.url is not None:
        return AppriseReceiver(settings.name, settings.apprise.url.get_secret_value(), kinds=plan.kinds)
    webhook = settings.webhook
    assert webhook is not None
    assert webhook.url is not None
    assert webhook.secret is not None
    try:
        return WebhookReceiver(
            settings.name,
            webhook.url.get_secret_value(),
            webhook.secret.get_secret_value().split(),
            clock=clock,
            cloud_events=webhook.format == "cloudevents",
            allow_private=webhook.allow_private,
        )
    except ValueError:
        raise ConfigError(
            "the secret is no base64 text",
            place=f"receiver {settings.name}",
            remedy="write whsec_ and base64",
        ) from None


def _mailbox(name: str, email: EmailSettings, clock: Clock) -> Mailbox:
    tokens = None
    if (oauth := email.oauth2) is not None and oauth.refresh_token is not None:
        grant = Grant(
            token_url=oauth.token_url,
            client_id=oauth.client_id,
            client_secret=oauth.client_secret.get_secret_value() if oauth.client_secret else None,
            refresh_token=oauth.refresh_token.get_secret_value(),
            scope=oauth.scope,
            allow_private=oauth.allow_private,
        )
        tokens = TokenSource(name, grant, clock=clock)
    return Mailbox(
        host=email.host,
        port=email.port,
        sender=email.sender,
        security=email.security,
        username=email.username,
        password=email.password.get_secret_value() if email.password else None,
        tokens=tokens,
        unsubscribe=email.unsubscribe,
    )


def one_click(plan: Plan) -> OneClick | None:
    """Return what makes the addresses to unsubscribe, where the configuration publishes them."""
    web = plan.config.web
    if web is None or web.public_url is None or web.secret is None:
        return None
    base, secret = web.public_url, web.secret.get_secret_value()
    return lambda list_id, recipient: f"{base}/unsubscribe/{make_token(secret, list_id, recipient)}"
