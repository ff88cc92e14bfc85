"""The use case: whoever looks after the program is told once when a source fails or falls silent, and when it recovers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.core.health import notice, turns
from monitor.core.model import SourceRecord, SourceSpec, stable_id
from monitor.core.ports import Clock, Store
from monitor.notifier import Operator, notice_rows


def watch_sources(
    store: Store, sources: Sequence[SourceSpec], operator: Operator | None, *, clock: Clock
) -> int:
    """Queue a notice about sources whose state has turned, and note what was told; return how many turned."""
    if operator is None:
        return 0
    now = clock()
    with store.read() as view:
        found = turns(sources, view.cursors(), view.source_records(), now)
    if not found:
        return 0
    subject, text = notice(found, now)
    topic = stable_id("sources", *(f"{turn.source.id} {turn.before} {turn.now}" for turn in found))
    with store.begin() as tx:
        records = {record.source_id: record for record in tx.source_records()}
        for turn in found:
            record = records.get(turn.source.id, SourceRecord(source_id=turn.source.id))
            tx.save_source_record(replace(record, told=turn.now))
        tx.add_outbox(notice_rows(operator, topic=topic, subject=subject, text=text, now=now))
    return len(found)
