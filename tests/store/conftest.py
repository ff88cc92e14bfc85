"""Stores made by the migrations: in memory, in a SQLite file and in a PostgreSQL of our own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from monitor.store import MEMORY, open_store
from monitor.store.migrate import upgrade


def _binaries() -> Path | None:
    found = [*Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), *Path("/usr/local").glob("pgsql*/bin/pg_ctl")]
    if not found and (on_path := shutil.which("pg_ctl")):
        found = [Path(on_path).resolve()]
    return max(found).parent if found else None


def _as_owner(*command: str | Path) -> None:
    """Run a command as somebody whom PostgreSQL accepts: it refuses root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*prefix, *map(str, command)], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server of our own on a free loopback port; yields the address of a migrated database to copy."""
    binaries = _binaries()
    if binaries is None or (os.geteuid() == 0 and shutil.which("runuser") is None):
        pytest.skip("no PostgreSQL server binary on this machine")
    pytest.importorskip("psycopg")
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        data = folder / "data"
        _as_owner(binaries / "initdb", "-D", data, "-U", "monitor", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=40"
        _as_owner(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            url = f"postgresql+psycopg://monitor@127.0.0.1:{port}/postgres"
            _create_database(url, "migrated", template="template0")
            migrated = f"{url.rpartition('/')[0]}/migrated"
            upgrade(migrated)
            yield migrated
        finally:
            _as_owner(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _create_database(url: str, name: str, *, template: str) -> None:
    engine = create_engine(f"{url.rpartition('/')[0]}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "monitor.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "monitor.db"
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> str:
    migrated: str = request.getfixturevalue("postgres_server")
    name = f"t{abs(hash(request.node.nodeid))}"
    _create_database(migrated, name, template="migrated")
    return f"{migrated.rpartition('/')[0]}/{name}"


POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", POSTGRES])
def sql_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["memory", "sqlite", POSTGRES])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh state of each kind."""
    if request.param == "memory":
        return MEMORY
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def opened() -> Iterator[Callable[[str], object]]:
    """Open stores that are closed after the test."""
    stores = []

    def open_one(address: str) -> object:
        stores.append(open_store(address))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(url: str, opened: Callable[[str], object]) -> object:
    return opened(url)
