"""The use case of telling: what is found is queued, due rows are sent and marked, due digests are rendered.

The promise is at-least-once with stable ids: claim, commit, send, commit. At most one duplicate per crash or
lost answer, which a receiver can tell by its id.
"""

from monitor.notifier.alerts import alert_rows, look_back
from monitor.notifier.delivery import RETRY_AFTER_S, Delivered, Deliverer, deliver_due
from monitor.notifier.digests import (
    DueDigest,
    RenderDigest,
    digest_developments,
    due_now,
    make_digests,
    resend_digest,
)
from monitor.notifier.explaining import Explanation, explain_development
from monitor.notifier.notices import Operator, notice_rows

__all__ = [
    "RETRY_AFTER_S",
    "Delivered",
    "Deliverer",
    "DueDigest",
    "Explanation",
    "Operator",
    "RenderDigest",
    "alert_rows",
    "deliver_due",
    "digest_developments",
    "due_now",
    "explain_development",
    "look_back",
    "make_digests",
    "notice_rows",
    "resend_digest",
]
