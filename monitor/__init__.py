"""An open-source news-event monitor: documents in, what is new, changed, confirmed or contradicted out."""

__version__ = "0.1.0"
