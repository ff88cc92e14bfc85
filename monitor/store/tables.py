"""The tables. The migrations make them (a test compares the two); these definitions write the queries.

Values that are only ever read whole lie in `data` as JSON text; what is looked up or ordered by has a
column. `seq` is the exact order in which rows came in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from monitor.store.codec import clean, from_micros, to_micros

HEAD = "0007"
"""The migration that these tables are the result of."""


class Instant(TypeDecorator[datetime]):
    """A UTC time as microseconds since 1970: exact, and ordered alike on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002, D102
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        return None if value is None else from_micros(value)


class CleanText(TypeDecorator[str]):
    """Text without the characters that databases refuse."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002, D102
        return None if value is None else clean(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes a primary key the row's own number, which costs nothing, only under the name INTEGER.
Sequence = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("key", CleanText, primary_key=True),
    Column("value", CleanText, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("id", CleanText, nullable=False, unique=True),
    Column("identity_key", BigInteger, nullable=False, index=True),
    Column("identity", CleanText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_hash", CleanText, nullable=False, index=True),
    Column("copy_of", CleanText),
    Column("name", CleanText, nullable=False),
    Column("source", CleanText, nullable=False),
    Column("publisher", CleanText),
    Column("title", CleanText, nullable=False),
    Column("url", CleanText),
    Column("language", CleanText),
    Column("published_at", Instant),
    Column("dated", Boolean, nullable=False),
    Column("retrieved_at", Instant, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("text", CleanText, nullable=False),
)

document_bands = Table(
    "document_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "document_seq",
        Sequence,
        ForeignKey("documents.seq", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("version", Integer, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("event_id", CleanText, ForeignKey("events.id"), nullable=False),
    Column("id", CleanText, nullable=False),
    Column("data", CleanText, nullable=False),
    UniqueConstraint("event_id", "id"),
    Index("ix_facts_event_id_seq", "event_id", "seq"),
)

# `block_hash` is one hashed key of event and block: SQLite scans the table for a row-value IN (measured).
fact_blocks = Table(
    "fact_blocks",
    metadata,
    Column("block_hash", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", CleanText, primary_key=True),
    Column("fact_id", CleanText, primary_key=True),
    ForeignKeyConstraint(["event_id", "fact_id"], ["facts.event_id", "facts.id"], ondelete="CASCADE"),
    Index("ix_fact_blocks_event_id_fact_id", "event_id", "fact_id"),
    sqlite_with_rowid=False,
)

claims = Table(
    "claims",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("id", CleanText, nullable=False, unique=True),
    Column("document_id", CleanText, nullable=False, index=True),
    Column("data", CleanText, nullable=False),
)

dispositions = Table(
    "dispositions",
    metadata,
    Column("claim_id", CleanText, primary_key=True),
    Column("data", CleanText, nullable=False),
)

developments = Table(
    "developments",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("id", CleanText, nullable=False, unique=True),
    Column("event_id", CleanText, nullable=False),
    Column("found_at", Instant, nullable=False, index=True),
    Column("data", CleanText, nullable=False),
    Index("ix_developments_event_id_found_at", "event_id", "found_at"),
)

# `wake_at` is when the row next wants attention: `not_before` while pending, the lease's end while leased,
# nothing once sent or dead. `lane` is the hashed (receiver, recipient), inside which the order is kept.
outbox = Table(
    "outbox",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("id", CleanText, nullable=False, unique=True),
    Column("type", CleanText, nullable=False),
    Column("receiver", CleanText, nullable=False),
    Column("recipient", CleanText, nullable=False),
    Column("lane", BigInteger, nullable=False),
    Column("group_key", CleanText, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("development_id", CleanText, index=True),
    Column("event_id", CleanText),
    Column("payload", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("lease_until", Instant),
    Column("last_error", CleanText),
    Column("sent_at", Instant),
    Column("wake_at", Instant, index=True),
    Index("ix_outbox_state_seq", "state", "seq"),
    Index("ix_outbox_group_key_seq", "group_key", "seq"),
)

# What many rows of the outbox share (a rendered digest), kept once.
contents = Table(
    "contents",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("data", CleanText, nullable=False),
)

unsubscribed = Table(
    "unsubscribed",
    metadata,
    Column("list_id", CleanText, primary_key=True),
    Column("recipient", CleanText, primary_key=True),
    Column("at", Instant, nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("receiver", CleanText, primary_key=True),
    Column("until_at", Instant, nullable=False),
)

source_cursors = Table(
    "source_cursors",
    metadata,
    Column("source_id", CleanText, primary_key=True),
    Column("next_poll_at", Instant),
    Column("gone", Boolean, nullable=False),
    Column("data", CleanText, nullable=False),
    Index("ix_source_cursors_next_poll_at_source_id", "next_poll_at", "source_id"),
)

# Apart from the cursors, because an unchanged poll writes the cursor and never this.
source_memories = Table(
    "source_memories",
    metadata,
    Column("source_id", CleanText, primary_key=True),
    Column("seen", LargeBinary, nullable=False),
)

# Apart from the cursors, because a reading that is under way must not undo what a person has just said.
sources = Table(
    "sources",
    metadata,
    Column("source_id", CleanText, primary_key=True),
    Column("data", CleanText, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    Column("subscription_id", CleanText, primary_key=True),
    Column("local_date", Date, primary_key=True),
    Column("after_at", Instant),
    Column("until_at", Instant, nullable=False),
)

# Which developments the digests of a subscription told: whoever was told is told the correction.
digest_items = Table(
    "digest_items",
    metadata,
    Column("development_id", CleanText, primary_key=True),
    Column("subscription_id", CleanText, primary_key=True),
)

# The newest row of `digests` for each subscription: the scheduler asks for it at every tick.
last_digests = Table(
    "last_digests",
    metadata,
    Column("subscription_id", CleanText, primary_key=True),
    Column("local_date", Date, nullable=False),
    Column("after_at", Instant),
    Column("until_at", Instant, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("data", CleanText, nullable=False),
)

edits = Table(
    "edits",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("id", CleanText, nullable=False, unique=True),
    Column("event_id", CleanText, nullable=False),
    Column("data", CleanText, nullable=False),
    Index("ix_edits_event_id_seq", "event_id", "seq"),
)

strays = Table(
    "strays",
    metadata,
    Column("document_id", CleanText, primary_key=True),
    Column("seen_at", Instant, nullable=False, index=True),
    Column("data", CleanText, nullable=False),
)
