"""The command about the user's own kinds, words and frames."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.bootstrap.lexicon import check_lexicon
from monitor.bootstrap.plan import plan
from monitor.cli.common import Session
from monitor.config import Config
from monitor.core.errors import UsageError


@click.group()
def lexicon() -> None:
    """Look after kinds, frames and words of your own."""


@lexicon.command("check")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True)
)
@click.pass_obj
def check_examples(session: Session, folder: Path | None) -> int:
    """Run the examples of your lexicon (or of FOLDER) and tell, with file and line, which are not read so."""
    configured = session.path is not None or session.config_path().exists()
    config = session.config() if configured else Config()
    if folder is not None:
        config = config.model_copy(update={"lexicon": str(folder)})
    if not config.lexicon:
        raise UsageError("there is no lexicon of your own", remedy="name its folder, or set `lexicon`")
    done = check_lexicon(plan(config))
    for failure in done.failures:
        click.echo(f"{failure.place}: {failure.frame}: “{failure.text}” {failure.problem}")
    click.echo(f"{done.entries} entries, {done.examples} examples, {len(done.failures)} failed")
    return 1 if done.failures else 0
