"""Mail through a real Exim, where Debian's exim4 is installed and this process may start it."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from monitor.core.errors import DeliveryError
from monitor.core.tokens import make_token, read_token
from monitor.receivers.email import EmailReceiver, Mailbox
from monitor.receivers.render import Renderer

EXIM = shutil.which("exim4", path="/usr/sbin:/usr/bin:/usr/local/sbin")
OWNER = "Debian-exim"
SECRET = "a secret of some length"
CONFIG = """
exim_user = {owner}
exim_group = {owner}
spool_directory = {home}/spool
log_file_path = {home}/log/%s
pid_file_path = {home}/pid
keep_environment =
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
queue_only = true
tls_advertise_hosts = *
tls_certificate = {home}/server.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = acl_rcpt
begin acl
acl_rcpt:
  deny message = no such user here
       local_parts = nobody
  require authenticated = *
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{u}}}}{{eq{{$auth3}}{{right}}}}}}}}
  server_set_id = $auth2
"""


@dataclass
class Exim:
    """A server of our own; it queues what it takes, and we read its queue."""

    port: int
    home: Path
    trust: ssl.SSLContext

    def queued(self) -> list[tuple[str, str]]:
        """Return (headers as they came, body) of the messages taken."""
        found = []
        for data in sorted((self.home / "spool" / "input").rglob("*-D")):
            envelope = data.with_name(data.name.removesuffix("-D") + "-H").read_text("utf-8")
            # Each header begins with its length and a flag: "1234  Subject: …".
            headers = re.sub(r"^\d{3,}[ A-Z*] ", "", envelope.split("\n\n", 1)[1], flags=re.MULTILINE)
            found.append((headers, data.read_text("utf-8").split("\n", 1)[1]))
        return found


@pytest.fixture(scope="module")
def exim() -> Iterator[Exim]:
    if EXIM is None or os.geteuid() != 0:
        pytest.skip(
            "no exim4 on this machine, or not root, as whom alone it starts with another configuration"
        )
    try:
        pwd.getpwnam(OWNER)
    except KeyError:
        pytest.skip("this exim4 is not Debian's")
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="exim") as name:
        home = Path(name)
        home.chmod(0o755)
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
            str(home / "server.pem")
        )
        (home / "exim.conf").write_text(CONFIG.format(home=home, port=port, owner=OWNER))
        for part in ("spool", "log"):
            (home / part).mkdir()
        for path in (home, home / "spool", home / "log", home / "server.pem"):
            shutil.chown(path, OWNER, OWNER)
        process = subprocess.Popen([EXIM, "-bdf", "-C", home / "exim.conf"], stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, process)
            yield Exim(port=port, home=home, trust=trust)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("Exim did not start")


def receiver(exim: Exim, sample, **more) -> EmailReceiver:
    settings = {"security": "starttls", "username": "u", "password": "right", "timeout_s": 20.0} | more
    box = Mailbox(host="localhost", port=exim.port, sender="monitor@example.org", **settings)
    render = Renderer(kinds=sample.KINDS, title="Monitor", unsubscribes=True).alert
    return EmailReceiver(
        "desk",
        box,
        render_alert=render,
        one_click=lambda name, who: f"https://m.example/unsubscribe/{make_token(SECRET, name, who)}",
        tls=exim.trust,
    )


async def test_exim_takes_our_mail_over_verified_tls_and_leaves_the_headers_as_they_are(
    exim: Exim, sample
) -> None:
    long = f"{'r' * 60}@{'d' * 60}.{'e' * 60}.example.org"
    assert len(long) == 194
    for who in ("reader@example.org", long):
        await receiver(exim, sample).send(
            who, [sample.alert("o1", "ruling")], sample.story[:1], [sample.EVENT]
        )
    assert len(exim.queued()) == 2
    for (headers, body), who in zip(exim.queued(), ("reader@example.org", long), strict=True):
        link = re.search(
            r"^List-Unsubscribe: <https://m\.example/unsubscribe/([\w.-]+)>$", headers, re.MULTILINE
        )
        assert link is not None, "one line, neither folded nor encoded"
        assert read_token(SECRET, link[1]) == ("alerts:desk", who)
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in headers
        assert f"To: {who}\n" in headers
        assert "upheld the election result" in body


async def test_exim_refuses_a_user_for_good_and_a_login(exim: Exim, sample) -> None:
    before = len(exim.queued())
    story = ([sample.alert("o1", "ruling")], sample.story[:1], [sample.EVENT])
    with pytest.raises(DeliveryError, match="550 no such user here") as caught:
        await receiver(exim, sample).send("nobody@example.org", *story)
    assert not caught.value.retry
    with pytest.raises(DeliveryError, match="login refused"):
        await receiver(exim, sample, password="wrong").send("reader@example.org", *story)
    assert len(exim.queued()) == before


async def test_exim_gets_hostile_text_as_one_mail_to_one_reader(exim: Exim, sample) -> None:
    await receiver(exim, sample).send(
        "reader@example.org", [sample.alert("o2", "bad")], [sample.hostile], [sample.EVENT]
    )
    headers, body = exim.queued()[-1]
    assert "\nBcc:" not in headers
    assert "<script>" not in body.partition("text/html")[2]
    assert len(headers) + len(body) < 100_000
