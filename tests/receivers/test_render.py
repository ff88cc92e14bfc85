"""Rendered digests: golden files, hostile text, the size cap and the user's own templates."""

from __future__ import annotations

import json
import quopri
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.core.digests import digest_content
from monitor.core.model import Figure, Operator
from monitor.receivers.render import MAX_MAIL_BYTES, Renderer
from monitor.receivers.slack import slack_messages
from monitor.receivers.templates_of_users import UserTemplateError, render_users
from monitor.receivers.text import UNSUBSCRIBE_MARK

GOLDEN = Path(__file__).parent / "golden"


def mail(sample: SimpleNamespace, developments, **more) -> dict[str, str]:
    content = digest_content(sample.PERIOD, developments, [sample.EVENT], sample.KINDS)
    return Renderer(kinds=sample.KINDS, title="The morning monitor", **more).digest(content, "Europe/Madrid")


def test_the_text_is_as_it_was_read_and_liked(sample) -> None:
    assert mail(sample, sample.story)["text"] == (GOLDEN / "digest.txt").read_text("utf-8")


def test_the_html_is_as_it_was_looked_at(sample) -> None:
    assert mail(sample, sample.story)["html"] == (GOLDEN / "digest.html").read_text("utf-8")


def test_the_slack_message_is_as_it_was_looked_at(sample) -> None:
    messages = slack_messages(sample.story, [sample.EVENT], kinds=sample.KINDS)
    assert json.loads(json.dumps(messages)) == json.loads((GOLDEN / "slack.json").read_text("utf-8"))


def test_the_html_is_fit_for_mail_clients(sample) -> None:
    html = mail(sample, sample.story)["html"]
    for never in ("<svg", "<img", "<link", "display: flex", "display: grid", "<script", "url("):
        assert never not in html
    assert "prefers-color-scheme: dark" in html
    assert 'style="' in html


def test_hostile_text_is_escaped_and_runs_nothing(sample) -> None:
    said = mail(sample, [sample.hostile])
    assert "<script>" not in said["html"]
    assert "&lt;script&gt;" in said["html"]
    assert "{{ 7*7 }}" in said["text"]
    assert 'href="https://evil' not in said["html"]
    assert "\n" not in said["subject"]
    assert len(said["html"]) < MAX_MAIL_BYTES


def test_a_long_digest_is_cut_below_the_cap_and_says_so(sample) -> None:
    many = [
        sample.development(
            f"d{i}",
            event_id=f"e{i % 40}",
            stance="rejects",
            quote="w " * 500,
            actors=(sample.actor(f"A{i}"),),
        )
        for i in range(1500)
    ]
    said = mail(sample, many)
    assert (
        len(quopri.encodestring(said["html"].encode()) + quopri.encodestring(said["text"].encode())) < 100_000
    )
    assert "more that did not fit into this mail" in said["html"]


def test_the_cap_counts_what_an_alphabet_costs_in_a_mail(sample) -> None:
    many = [
        sample.development(
            f"d{i}", quote="Слова " * 60, topic="решение", actors=(sample.actor(f"Деятель {i}"),)
        )
        for i in range(300)
    ]
    said = mail(sample, many)
    assert len(quopri.encodestring(said["html"].encode())) < 100_000


def test_a_day_of_many_leads_with_a_few_and_lists_the_rest(sample) -> None:
    many = [
        sample.development(f"d{i}", topic="t", stance="rejects", actors=(sample.actor(f"A{i}"),))
        for i in range(20)
    ]
    said = mail(sample, many)
    assert said["html"].count('class="item') == 6
    assert said["text"].count("words that say it") == 6
    assert all(f"A{i} " in said["text"] for i in range(20))


def test_figures_have_bars_where_there_is_something_to_compare(sample) -> None:
    html = mail(sample, sample.story)["html"]
    assert 'width="52%"' in html
    assert 'width="30%"' in html
    assert html.count('class="bar"') == 2, "one voice alone has no bar"


def test_the_address_to_unsubscribe_stands_only_where_there_is_one(sample) -> None:
    assert "nsubscribe" not in mail(sample, sample.story)["html"]
    said = mail(sample, sample.story, unsubscribes=True)
    assert f'<a href="{UNSUBSCRIBE_MARK}"' in said["html"]
    assert UNSUBSCRIBE_MARK in said["text"]


def test_an_empty_digest_says_so(sample) -> None:
    said = mail(sample, [])
    assert said["subject"] == "The morning monitor, 23 August 2024: nothing new"
    assert "Nothing new." in said["html"]
    assert "Nothing new." in said["text"]


def test_a_template_of_the_users_own_is_used(sample, tmp_path: Path) -> None:
    (tmp_path / "digest.txt.j2").write_text("mine: {{ sections[0].name }} {{ counts | length }}")
    assert mail(sample, sample.story, folder=tmp_path)["text"] == "mine: Venezuela after 28 July 4"


@pytest.mark.parametrize(
    "broken",
    [
        "{% if %}",
        "{{ nothing.at.all }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ sections.append(1) }}",
        "{% include '../../etc/passwd' %}",
        "{{ 1 // 0 }}",
        "{% include 'digest.txt.j2' %}",
        "{{ range(10) }}",
        "{{ 'x' * 5000000 }}",
        "{{ 'x' * 10 ** 12 }}",
    ],
)
def test_a_broken_template_falls_back_and_says_so(sample, tmp_path: Path, broken: str) -> None:
    (tmp_path / "digest.txt.j2").write_text(broken)
    warnings: list[str] = []
    said = mail(sample, sample.story, folder=tmp_path, warn=warnings.append)
    assert said["text"] == (GOLDEN / "digest.txt").read_text("utf-8")
    assert len(warnings) == 1
    assert "digest.txt.j2" in warnings[0]


ENDLESS = (
    "{% for a in x %}{% for b in x %}{% for c in x %}{% set d = a %}{% endfor %}{% endfor %}{% endfor %}"
)


def test_a_template_without_end_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "digest.txt.j2").write_text(ENDLESS)
    data = {"x": list(range(2000))}
    with pytest.raises(UserTemplateError, match=r"was killed|took longer"):
        render_users(tmp_path, "digest.txt.j2", data)
    with pytest.raises(UserTemplateError, match="took longer than"):
        render_users(tmp_path, "digest.txt.j2", data, limit_s=0.5)


def test_a_template_sees_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "do not tell")
    (tmp_path / "digest.txt.j2").write_text("{{ SMTP_PASSWORD }}{{ title }}{{ title.__class__ }}{{ self }}")
    assert render_users(tmp_path, "digest.txt.j2", {"title": "T"}).startswith("T")
    assert "do not tell" not in render_users(tmp_path, "digest.txt.j2", {"title": "T"})


def test_a_new_count_stands_in_the_table_and_not_in_a_line_as_well(sample) -> None:
    counts = [
        sample.development(
            f"town-{n}",
            kind="figure",
            quote=f"the clinic counted {n}",
            figure=Figure(metric="injured", operator=Operator.EQ, value=n, scope=(f"town {n}",)),
        )
        for n in range(20, 31)
    ]
    said = mail(sample, [*sample.story, *counts])
    lines = [line for line in said["text"].splitlines() if line.startswith("* Injured")]
    assert lines == ["* Injured: 30 (town 30) [new]"], "only what the table has no room for"
    assert "Injured (town 25)" in said["text"]
    assert "did not fit" not in said["text"]
