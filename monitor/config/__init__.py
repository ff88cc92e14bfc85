"""config.yaml -> one frozen Config. Every error names the file, the line, the column and the key."""

from monitor.config.reading import load_config, parse_config, schema
from monitor.config.settings import (
    AppriseSettings,
    Config,
    DigestSettings,
    EmailSettings,
    EventSettings,
    InhibitSettings,
    OAuth2Settings,
    QuietHoursSettings,
    ReceiverSettings,
    RouteSettings,
    SlackSettings,
    SourceSettings,
    WebhookSettings,
    WebSettings,
)

__all__ = [
    "AppriseSettings",
    "Config",
    "DigestSettings",
    "EmailSettings",
    "EventSettings",
    "InhibitSettings",
    "OAuth2Settings",
    "QuietHoursSettings",
    "ReceiverSettings",
    "RouteSettings",
    "SlackSettings",
    "SourceSettings",
    "WebSettings",
    "WebhookSettings",
    "load_config",
    "parse_config",
    "schema",
]
