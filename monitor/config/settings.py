"""The keys of config.yaml. Every field's description is its documentation, here and in the JSON Schema."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from monitor.config.values import (
    WEEKDAYS,
    Addresses,
    Condition,
    Country,
    Cron,
    Language,
    Name,
    Pattern,
    Proxy,
    Seconds,
    TimeOfDay,
    WebAddress,
    Weekday,
    Zone,
)

ReaderName = Literal["auto", "lexical", "learned", "both", "parse", "llm"]


class Settings(BaseModel):
    """Base of all sections: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class EventSettings(Settings):
    """What is monitored. Without countries, actors and words it takes every document."""

    id: Name = Field(description="Short name, used in output and on the command line.")
    name: str = Field(min_length=1, description="Title for people.")
    countries: tuple[Country, ...] = Field((), description="ISO 3166 alpha-3 codes, such as VEN.")
    actors: tuple[str, ...] = Field((), description="Names of persons and bodies.")
    words: tuple[str, ...] = Field((), description="Whole words or phrases, any case.")
    kinds: tuple[str, ...] = Field((), description="Kinds of interest, such as arrest; empty means all.")


class SourceSettings(Settings):
    """What is read: exactly one of feed, folder and jsonl."""

    id: Name = Field(description="Short name, used in output and on the command line.")
    feed: str | None = Field(None, description="Address (or file) of an RSS, Atom or JSON feed.")
    folder: str | None = Field(None, description="Folder of documents; relative to this file.")
    jsonl: str | None = Field(
        None, description="Stream with one JSON document a line; relative to this file."
    )
    every: Seconds = Field(3600.0, description="Time between two readings, such as 30m.")
    publisher: str | None = Field(
        None, description="Whose voice it is; sources of one publisher are one voice."
    )
    language: str | None = Field(None, description="ISO 639 code, where the documents do not say it.")
    headers: dict[str, str] = Field({}, repr=False, description="HTTP headers to send.")
    token: SecretStr | None = Field(
        None, description="Bearer token to send; better token_file or ${VARIABLE}."
    )
    token_file: str | None = Field(None, description="File that holds the token.")
    allow_private: bool = Field(default=False, description="Allow addresses of your own network.")
    patterns: tuple[str, ...] = Field(
        ("*.txt", "*.md", "*.html", "*.pdf"), description="File names read from a folder."
    )
    include: tuple[Pattern, ...] = Field(
        (), description="Regular expressions; only items in which one is found are taken."
    )
    exclude: tuple[Pattern, ...] = Field(
        (), description="Regular expressions; items in which one is found are left out."
    )
    full_text: bool = Field(
        default=False, description="Read the articles behind a feed's links (extra `articles`)."
    )

    @model_validator(mode="after")
    def _one_place(self) -> SourceSettings:
        if sum(place is not None for place in (self.feed, self.folder, self.jsonl)) != 1:
            raise ValueError("needs exactly one of feed, folder and jsonl")
        return self

    @property
    def type(self) -> str:
        """Return feed, folder or jsonl."""
        return "feed" if self.feed is not None else "folder" if self.folder is not None else "jsonl"

    @property
    def location(self) -> str:
        """Return the address or path."""
        return self.feed or self.folder or self.jsonl or ""


class OAuth2Settings(Settings):
    """A login without password (XOAUTH2), as large mail providers ask for: tokens are fetched when needed."""

    token_url: str = Field(min_length=8, description="Where tokens are fetched.")
    client_id: str = Field(min_length=1, description="Client id that the provider gave.")
    client_secret: SecretStr | None = Field(None, description="Client secret, where the provider gave one.")
    client_secret_file: str | None = Field(None, description="File that holds the client secret.")
    refresh_token: SecretStr | None = Field(None, description="Refresh token; better refresh_token_file.")
    refresh_token_file: str | None = Field(None, description="File that holds the refresh token.")
    scope: str | None = Field(None, description="Scope to ask for, where the provider wants one.")
    allow_private: bool = Field(default=False, description="Allow addresses of your own network.")

    @model_validator(mode="after")
    def _has_token(self) -> OAuth2Settings:
        if self.refresh_token is None:
            raise ValueError("needs refresh_token or refresh_token_file")
        return self


class EmailSettings(Settings):
    """Mail over SMTP."""

    host: str = Field(description="Name of the SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="587 for STARTTLS, 465 for TLS.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is protected."
    )
    username: str | None = Field(None, description="User name, where the server asks for one.")
    password: SecretStr | None = Field(None, description="Password; better password_file or ${VARIABLE}.")
    password_file: str | None = Field(None, description="File that holds the password.")
    oauth2: OAuth2Settings | None = Field(None, description="Login by XOAUTH2 instead of a password.")
    sender: str = Field(min_length=3, description="From address.")
    to: Addresses = Field(min_length=1, description="Recipients; each gets a message of its own.")
    to_file: str | None = Field(None, description="File with a recipient a line, instead of `to`.")
    unsubscribe: tuple[str, ...] = Field(
        (), description="Addresses (https: or mailto:) for List-Unsubscribe; {recipient} is filled in."
    )


class SlackSettings(Settings):
    """A Slack incoming webhook."""

    url: SecretStr | None = Field(None, description="Webhook address; better url_file or ${VARIABLE}.")
    url_file: str | None = Field(None, description="File that holds the webhook address.")
    allow_private: bool = Field(default=False, description="Allow addresses of your own network.")

    @model_validator(mode="after")
    def _has_url(self) -> SlackSettings:
        if self.url is None:
            raise ValueError("needs url or url_file")
        return self


class WebhookSettings(Settings):
    """A generic webhook, signed as Standard Webhooks 1.0.0 says."""

    url: SecretStr | None = Field(None, description="Where to POST.")
    url_file: str | None = Field(None, description="File that holds the address.")
    secret: SecretStr | None = Field(None, description="Signing secret, whsec_…; two while rotating.")
    secret_file: str | None = Field(None, description="File that holds the signing secret.")
    format: Literal["standard", "cloudevents"] = Field(
        "standard", description="Body: that of Standard Webhooks, or CloudEvents 1.0 (signed alike)."
    )
    allow_private: bool = Field(default=False, description="Allow addresses of your own network.")

    @model_validator(mode="after")
    def _complete(self) -> WebhookSettings:
        if self.url is None or self.secret is None:
            raise ValueError("needs url (or url_file) and secret (or secret_file)")
        return self


class AppriseSettings(Settings):
    """Any other service that Apprise reaches, as plain text; needs the extra `apprise`."""

    url: SecretStr | None = Field(None, description="Apprise address; better url_file or ${VARIABLE}.")
    url_file: str | None = Field(None, description="File that holds the Apprise address.")

    @model_validator(mode="after")
    def _has_url(self) -> AppriseSettings:
        if self.url is None:
            raise ValueError("needs url or url_file")
        return self


class ReceiverSettings(Settings):
    """Who is told: exactly one of email, slack, webhook and apprise."""

    name: Name = Field(description="Name that routes and digests use.")
    email: EmailSettings | None = Field(None, description="Mail over SMTP.")
    slack: SlackSettings | None = Field(None, description="A Slack incoming webhook.")
    webhook: WebhookSettings | None = Field(None, description="A signed generic webhook.")
    apprise: AppriseSettings | None = Field(None, description="Any other service that Apprise reaches.")

    @model_validator(mode="after")
    def _one_kind(self) -> ReceiverSettings:
        if sum(part is not None for part in (self.email, self.slack, self.webhook, self.apprise)) != 1:
            raise ValueError("needs exactly one of email, slack, webhook and apprise")
        return self


class QuietHoursSettings(Settings):
    """A span of the day in which messages are held until its end."""

    start: TimeOfDay = Field(alias="from", description="Local time at which it begins.")
    end: TimeOfDay = Field(alias="until", description="Local time at which it ends, over midnight too.")
    zone: Zone = Field("UTC", description="Time zone, such as Europe/Madrid.")
    days: tuple[Weekday, ...] = Field(WEEKDAYS, description="Weekdays on which it begins.")
    unless: tuple[Condition, ...] = Field(
        (), description='What is told all the same: "severity >= 5"; all must hold.'
    )


class InhibitSettings(Settings):
    """What need not be told while something weightier is: with the words of Prometheus Alertmanager."""

    source_matchers: tuple[Condition, ...] = Field(
        min_length=1, description="Conditions of the weightier one."
    )
    target_matchers: tuple[Condition, ...] = Field(
        min_length=1, description="Conditions of what is not told then."
    )
    equal: tuple[str, ...] = Field(("event",), description="Fields in which both must be alike.")
    within: Seconds = Field(86_400.0, description="How long after the weightier one it holds.")


class RouteSettings(Settings):
    """Which developments go to whom at once, with the words of Prometheus Alertmanager."""

    receiver: Name | None = Field(None, description="A receiver's name; inherited from the parent route.")
    to: tuple[str, ...] = Field((), description="Only these recipients of the receiver; empty means all.")
    matchers: tuple[Condition, ...] = Field(
        (), description='Conditions, all of which must hold: "kind = arrest".'
    )
    group_by: tuple[str, ...] | None = Field(None, description="Fields whose values make one message.")
    group_wait: Seconds | None = Field(None, description="How long a first development waits for company.")
    group_interval: Seconds | None = Field(None, description="Least time between two messages of a group.")
    repeat_interval: Seconds | None = Field(
        None, description="How long a recipient who knows a fact is not told that it was told again."
    )
    quiet_hours: tuple[QuietHoursSettings, ...] | None = Field(
        None, description="When messages are held; inherited from the parent route."
    )
    continue_: bool = Field(default=False, alias="continue", description="Try the following routes as well.")
    routes: tuple[RouteSettings, ...] = Field(
        (), description="Routes below this one; the first that matches wins."
    )


class DigestSettings(Settings):
    """A digest that a receiver gets once a local day."""

    id: Name = Field(description="Short name of this digest.")
    receiver: Name = Field(description="A receiver's name.")
    zone: Zone = Field("UTC", description="Time zone, such as Europe/Madrid.")
    at: TimeOfDay = Field("07:00", description="Local time of day.")
    cron: Cron | None = Field(None, description="A cron line instead of `at`, in the same zone.")
    to: tuple[str, ...] = Field((), description="Only these recipients of the receiver; empty means all.")
    events: tuple[Name, ...] = Field((), description="Only these events; empty means all.")
    matchers: tuple[Condition, ...] = Field((), description="Only what fulfils these conditions.")
    when_empty: Literal["skip", "send"] = Field("skip", description="What to do when nothing happened.")


class WebSettings(Settings):
    """Health, metrics, unsubscribing and silences over HTTP, on this machine only."""

    host: Literal["127.0.0.1", "::1"] = Field("127.0.0.1", description="Loopback address to bind.")
    port: int = Field(8080, ge=0, le=65535, description="Port to bind; 0 takes any free one.")
    public_url: WebAddress | None = Field(
        None, description="Address under which a proxy publishes /unsubscribe/ and /websub/ of this port."
    )
    websub: bool = Field(
        default=False, description="Subscribe at the WebSub hubs that feeds name; needs public_url."
    )
    secret: SecretStr | None = Field(
        None, min_length=16, description="Signs the links to unsubscribe and the callbacks of hubs."
    )
    secret_file: str | None = Field(None, description="File that holds the signing secret.")
    password: SecretStr | None = Field(
        None, min_length=8, description="Opens the page of silences (any user name); off when absent."
    )
    password_file: str | None = Field(None, description="File that holds that password.")

    @model_validator(mode="after")
    def _signs(self) -> WebSettings:
        if self.public_url is not None and self.secret is None:
            raise ValueError("public_url needs secret or secret_file, which signs the links")
        if self.websub and self.public_url is None:
            raise ValueError("websub needs public_url, under which hubs reach this program")
        return self


class LlmSettings(Settings):
    """A language model behind an OpenAI-compatible endpoint. Texts are sent there; off unless `reader: llm`."""

    url: str = Field(min_length=1, description="Base address, such as https://api.example.org/v1.")
    model: str = Field(min_length=1, description="Name of the model.")
    key: SecretStr | None = Field(None, description="API key; better key_file or ${VARIABLE}.")
    key_file: str | None = Field(None, description="File that holds the API key.")
    allow_private: bool = Field(default=False, description="Allow an address of your own network or machine.")
    timeout: Seconds = Field(60.0, le=600, description="How long to wait for an answer.")
    tokens_a_day: int = Field(
        200_000, ge=0, description="Most tokens in a UTC day; beyond it the lexicon reads alone."
    )
    cache: str = Field("var/llm.db", description="File that keeps answers and what was spent.")


class Config(Settings):
    """The whole of config.yaml."""

    database: str = Field(
        "sqlite:///var/monitor.db",
        repr=False,
        description="sqlite:///PATH (relative to this file) or postgresql://…",
    )
    database_file: str | None = Field(None, description="File that holds the database address.")
    languages: tuple[Language, ...] = Field(("en", "es"), min_length=1, description="Languages read.")
    reader: ReaderName = Field(
        "auto",
        description="What reads the documents: `lexical`, `learned` (a small network), `both` (they vote), `auto` "
        "(both where the extra `learned` is installed, else the lexicon), `parse` or `llm`.",
    )
    reader_threads: int = Field(1, ge=1, description="Threads that the learned network computes with.")
    lexicon: str | None = Field(
        None, description="Folder with kinds, frames and words of your own; relative to this file."
    )
    parse: dict[Language, str] = Field(
        {"en": "en_core_web_sm", "es": "es_core_news_sm"},
        description="spaCy's models by language, for `reader: parse`.",
    )
    llm: LlmSettings | None = Field(None, description="The language model that `reader: llm` asks.")
    kinds: str | None = Field(None, description="TOML file with kinds of your own; relative to this file.")
    min_confidence: float = Field(0.6, ge=0, le=1, description="Claims below it are kept but not told.")
    copy_similarity: float = Field(0.7, gt=0, le=1, description="From which likeness on a text is a copy.")
    publishers: dict[str, tuple[str, ...]] = Field(
        {}, description="Publisher families: name and its outlets."
    )
    title: str = Field("News monitor", min_length=1, description="Title of digests and messages.")
    templates: str | None = Field(None, description="Folder with digest templates of your own.")
    events: tuple[EventSettings, ...] = Field(
        (), description="What is monitored; none means one event, `all`."
    )
    sources: tuple[SourceSettings, ...] = Field((), description="What is read.")
    proxy: Proxy | None = Field(
        None, repr=False, description="HTTP proxy through which feeds and articles are read; none by default."
    )
    receivers: tuple[ReceiverSettings, ...] = Field((), description="Who is told.")
    route: RouteSettings | None = Field(None, description="Which developments go to whom at once.")
    inhibit_rules: tuple[InhibitSettings, ...] = Field(
        (), description="What is not told while something weightier is."
    )
    operator: Name | None = Field(
        None, description="Receiver that is told when another one is disabled or gives messages up."
    )
    digests: tuple[DigestSettings, ...] = Field((), description="What is told once a day.")
    web: WebSettings | None = Field(
        None, description="Health, metrics and unsubscribing over HTTP; off when absent."
    )

    @model_validator(mode="after")
    def _reader_has_its_section(self) -> Config:
        if self.reader == "llm" and self.llm is None:
            raise ValueError("reader: llm needs the section llm")
        return self
