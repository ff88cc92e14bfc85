"""Every wrong configuration is told with its file, line, column and key; no secret is shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.config import Config, load_config, parse_config, schema
from monitor.config.values import seconds, split_condition
from monitor.core.errors import ConfigError

PATH = Path("/etc/monitor/config.yaml")


def parse(text: str, **environ: str) -> Config:
    return parse_config(text, path=PATH, environ=environ)


WRONG = {
    "unknown key": (
        "events:\n  - id: a\n    name: A\n    contries: [VEN]\n",
        "4:5 events.0.contries",
        'mean "countries"',
    ),
    "unknown key at the top": ("evnts: []\n", "1:1 evnts", 'did you mean "events"?'),
    "unknown key deep": (
        "receivers:\n  - name: desk\n    slack:\n      ulr: https://x\n",
        "4:7 receivers.0.slack.ulr",
        'did you mean "url"?',
    ),
    "missing key": ("events:\n  - name: A\n", "2:5 events.0.id", 'the key "id" is missing'),
    "wrong type": ("min_confidence: high\n", "1:1 min_confidence", "valid number"),
    "out of range": ("min_confidence: 2\n", "1:1 min_confidence", "less than or equal to 1"),
    "duplicate key": ("languages: [en]\nlanguages: [es]\n", "2:1", "twice"),
    "not YAML": ("events: [\n", "2:1", "not YAML"),
    "a list": ("- a\n", "1:1", "keys and values"),
    "two places": (
        "sources:\n  - id: s\n    feed: https://x\n    folder: y\n",
        "2:5 sources.0",
        "exactly one of feed, folder and jsonl",
    ),
    "duration": (
        "sources:\n  - id: s\n    folder: y\n    every: soon\n",
        "4:5 sources.0.every",
        "not a duration",
    ),
    "zone": (
        "digests:\n  - {id: d, receiver: r, zone: Mars}\n",
        "2:26 digests.0.zone",
        'unknown time zone "Mars"',
    ),
    "time": ("digests:\n  - {id: d, receiver: r, at: 7}\n", "2:26 digests.0.at", "string"),
    "time of day": (
        'digests:\n  - {id: d, receiver: r, at: "25:00"}\n',
        "2:26 digests.0.at",
        "not a time of day",
    ),
    "cron": ('digests:\n  - {id: d, receiver: r, cron: "61 * * * *"}\n', "digests.0.cron", "not a cron line"),
    "condition": ("route:\n  matchers: [arrest]\n", "2:14 route.matchers.0", "not a condition"),
    "expression": (
        'route:\n  matchers: ["kind =~ ("]\n',
        "2:14 route.matchers.0",
        "not a regular expression",
    ),
    "taken name": (
        "events:\n  - {id: a, name: A}\n  - {id: a, name: B}\n",
        "3:6 events.1.id",
        '"a" is taken already',
    ),
    "no such receiver": (
        "receivers:\n  - {name: desk, slack: {url: https://x}}\nroute: {receiver: dsk}\n",
        "3:9 route.receiver",
        'there is no receiver "dsk"; did you mean "desk"?',
    ),
    "no such event": (
        "events: [{id: v, name: V}]\nreceivers: [{name: r, slack: {url: https://x}}]\n"  # noqa: ISC004
        "digests: [{id: d, receiver: r, events: [vv]}]\n",
        "3:41 digests.0.events.0",
        'did you mean "v"?',
    ),
    "variable": ("database: ${NOWHERE}\n", "1:1 database", "NOWHERE is not set"),
    "secret file": (
        "receivers:\n  - name: r\n    slack: {url_file: gone}\n",
        "3:13 receivers.0.slack.url_file",
        "the file gone cannot be read",
    ),
    "both secrets": (
        "receivers:\n  - name: r\n    slack: {url: https://x, url_file: gone}\n",
        "receivers.0.slack.url_file",
        "exclude each other",
    ),
    "public page": ("web: {host: 0.0.0.0}\n", "1:7 web.host", "127.0.0.1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name: str) -> None:
    text, place, message = WRONG[name]
    with pytest.raises(ConfigError) as caught:
        parse(text)
    told = str(caught.value)
    assert told.startswith(f"{PATH}:")
    assert place in told
    assert message in told
    assert caught.value.exit_code == 78


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("evnts: []\nmin_confidence: 2\n")
    assert len(str(caught.value).splitlines()) == 2


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_config(tmp_path / "config.yaml", {})


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("events: []\n# país\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"config\.yaml:2: is not UTF-8"):
        load_config(path, {})


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# nothing yet\n")
    assert load_config(path, {}).events == ()


def test_variables_come_from_the_environment_and_cannot_add_keys() -> None:
    text = "events:\n  - id: a\n    name: ${NAME}\n    words: ['${OTHER:-none}', '$${kept}']\n"
    config = parse(text, NAME="A\nkinds: [x]")
    assert config.events[0].name == "A\nkinds: [x]"
    assert config.events[0].words == ("none", "${kept}")


def test_secrets_come_from_files_and_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("https://hooks.example.org/T0/secret\n")
    path = tmp_path / "config.yaml"
    path.write_text("receivers:\n  - name: desk\n    slack: {url_file: hook}\n")
    config = load_config(path, {})
    slack = config.receivers[0].slack
    assert slack is not None
    assert slack.url is not None
    assert slack.url.get_secret_value() == "https://hooks.example.org/T0/secret"
    assert "secret" not in repr(config).replace("url_file", "").replace("SecretStr", "")


def test_paths_start_in_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "database: sqlite:///var/x.db\nsources:\n  - {id: a, folder: seeds}\n  - {id: b, feed: https://example.org/f}\n"
    )
    config = load_config(path, {})
    assert config.database == f"sqlite:///{tmp_path / 'var' / 'x.db'}"
    assert config.sources[0].location == str(tmp_path / "seeds")
    assert config.sources[1].location == "https://example.org/f"


def test_the_configuration_is_frozen() -> None:
    with pytest.raises(ValidationError):
        parse("").min_confidence = 0.9  # type: ignore[misc]


def test_the_schema_knows_every_section_and_describes_every_key() -> None:
    found = schema()
    assert set(found["properties"]) >= {"events", "sources", "receivers", "route", "digests", "web"}
    for name, section in {"": found, **found["$defs"]}.items():
        for key, value in section["properties"].items():
            assert value.get("description"), f"{name}.{key}"


@pytest.mark.parametrize(
    ("text", "value"), [("90s", 90), ("1h30m", 5400), ("2d", 172800), (5, 5), ("250ms", 0.25)]
)
def test_durations(text: str | int, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "h", "1y", "-5s", "1h x"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("kind = arrest", ("kind", "=", "arrest")),
        ('country=~"VEN|COL"', ("country", "=~", "VEN|COL")),
        ("confidence >= 0.8", ("confidence", ">=", "0.8")),
        ("event != x", ("event", "!=", "x")),
    ],
)
def test_conditions(text: str, parts: tuple[str, str, str]) -> None:
    assert split_condition(text) == parts
