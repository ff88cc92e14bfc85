"""The doors. Data goes to standard output, everything else to standard error.

Exit codes: 0 done, 1 failed, 2 wrong usage, 75 try again later, 78 the configuration is wrong.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from monitor import __version__
from monitor.cli.asking import developments
from monitor.cli.common import Session, complain
from monitor.cli.keeping import check_config, db, doctor
from monitor.cli.reading import extract, replay
from monitor.cli.running import demo, once, run
from monitor.cli.sources import feeds
from monitor.core.errors import MonitorError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="monitor")
@click.option(
    "-c",
    "--config",
    "config",
    type=click.Path(path_type=Path),
    envvar="MONITOR_CONFIG",
    help="Configuration file.  [default: config.yaml]",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error, and log more.")
@click.pass_context
def cli(context: click.Context, config: Path | None, *, debug: bool) -> None:
    """Read news, keep what happened, and tell only what is new, changed, confirmed or contradicted."""
    context.obj = Session(path=config, debug=debug)


for command in (
    run,
    once,
    demo,
    replay,
    extract,
    developments,
    feeds,
    db,
    check_config,
    doctor,
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(_run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> int:
    try:
        code = cli.main(args=arguments, prog_name="monitor", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough; a second failure while Python exits is prevented so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except MonitorError as error:
        if "--debug" in arguments:
            raise
        complain(str(error))
        return error.exit_code
    except Exception as error:
        if "--debug" in arguments:
            raise
        complain(f"{type(error).__name__}: {error} (run again with --debug, and please report it)")
        return 1
    return code if isinstance(code, int) else 0
