"""What is written about the program is true: every command, option and key is there, and the examples work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from monitor.bootstrap.plan import plan
from monitor.bootstrap.telling import make_receivers, make_renderer
from monitor.cli import cli
from monitor.config import load_config, parse_config, schema

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
ENVIRON = {
    "SMTP_PASSWORD": "secret",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/x",
    "WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def commands(group: click.Group = cli, path: str = "monitor") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_in_the_reference(path: str, command: click.Command) -> None:
    line = next(
        (row for row in REFERENCE.splitlines() if row.startswith((f"| `{path}`", f"| `{path} "))), None
    )
    assert line is not None, f"{path} is not in docs/reference.md"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert f"`{parameter.opts[0]}`" in line, f"{path} {parameter.opts[0]}"
    assert command.help


def test_the_reference_names_no_command_that_is_not_there() -> None:
    known = {path for path, _ in commands()}
    for found in re.findall(r"^\| `(monitor [^`]*?)(?: [A-Z\[][^`]*)?` \|", REFERENCE, re.MULTILINE):
        assert found in known


@pytest.mark.parametrize("word", ["--config", "--debug", "--version", "--help", "MONITOR_CONFIG"])
def test_the_options_before_a_command_are_in_the_reference(word: str) -> None:
    assert f"`{word}`" in REFERENCE


def test_every_key_of_the_configuration_is_in_the_reference() -> None:
    found = schema()
    for section in (found, *found["$defs"].values()):
        for key, value in section["properties"].items():
            assert any(
                row.startswith(f"| `{key}` |") and row.endswith(f"| {value['description']} |")
                for row in REFERENCE.splitlines()
            ), key


def test_every_command_of_the_readme_is_there() -> None:
    known = {path for path, _ in commands()}
    groups = {path.rsplit(" ", 1)[0] for path in known}
    for found in re.findall(r"^\| `(monitor [a-z -]+?)(?: [A-Z][^`]*)?` \|", README, re.MULTILINE):
        assert found in known | groups


SNIPPETS = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_configurations_of_the_readme_work(snippet: str) -> None:
    assert len(snippet.splitlines()) <= 12
    config = parse_config(snippet, path=ROOT / "README.md", environ=ENVIRON)
    meaning = plan(config)
    receivers = make_receivers(meaning, make_renderer(meaning), lambda: None)  # type: ignore[arg-type,return-value]
    assert set(receivers) == {r.name for r in config.receivers}


def test_there_are_examples_of_a_feed_mail_slack_and_a_webhook() -> None:
    text = "\n".join(SNIPPETS)
    assert all(word in text for word in ("feed:", "email:", "slack:", "webhook:"))


def test_the_demo_configuration_works_as_it_is_and_with_its_examples_switched_on() -> None:
    path = ROOT / "config.yaml"
    assert load_config(path, {}).sources
    text = re.sub(r"^( *)# ?(?=- |[a-z_]+:|  )", r"\1", path.read_text("utf-8"), flags=re.MULTILINE)
    config = parse_config(text, path=path, environ=ENVIRON)
    assert [r.name for r in config.receivers] == ["mail", "slack", "hook"]
    assert config.route is not None
    assert [d.id for d in config.digests] == ["morning"]
    assert config.web is not None
    assert "bbc-world" in {s.id for s in config.sources}
    plan(config)


def test_no_file_tells_where_it_was_made() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    assert "--index-url" not in lock
    assert lock.count("--hash=sha256:") > 500


def test_the_container_is_small_in_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    last = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM ")) :]
    words = [line.split(maxsplit=1)[0] for line in last if line and not line.startswith((" ", "#"))]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert int(next(line for line in last if line.startswith("USER ")).split()[1]) > 0
    for instruction in ("ENTRYPOINT", "CMD"):
        form = next(line for line in last if line.startswith(instruction)).removeprefix(instruction)
        assert all(isinstance(part, str) for part in json.loads(form))
    health = next(line for line in last if line.startswith("HEALTHCHECK"))
    assert json.loads(health.split("CMD", 1)[1]) == ["monitor", "doctor", "--health"]
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert all(":" in image and not image.endswith(":latest") for image in images)
    copied = {
        part
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for part in line.split()[1:-1]
    }
    assert all((ROOT / part).exists() for part in copied)
    allowed = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert all(f"!{part.removeprefix('./')}" in allowed for part in copied)


def test_compose_gives_no_more_than_is_needed() -> None:
    compose = YAML(typ="safe").load((ROOT / "compose.yaml").read_text("utf-8"))
    service = compose["services"]["monitor"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "ports" not in service
    volumes = [volume.split(":") for volume in service["volumes"]]
    assert {v[0] for v in volumes if not v[0].startswith("./")} == set(compose["volumes"])
    for source, _, *mode in volumes:
        if source.startswith("./"):
            assert (ROOT / source).exists()
            assert mode == ["ro"]
