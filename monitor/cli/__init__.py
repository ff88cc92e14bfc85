"""The doors. Data goes to standard output, everything else to standard error.

Exit codes: 0 done, 1 failed, 2 wrong usage, 75 try again later, 78 the configuration is wrong.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from monitor import __version__
from monitor.cli.common import Session, complain
from monitor.core.errors import MonitorError

_COMMANDS = {
    "run": "running",
    "once": "running",
    "demo": "running",
    "replay": "reading",
    "extract": "reading",
    "developments": "asking",
    "state": "asking",
    "explain": "facts",
    "facts": "facts",
    "suggestions": "asking",
    "digest": "telling",
    "feeds": "sources",
    "notify": "notifying",
    "silence": "notifying",
    "deliveries": "deliveries",
    "db": "keeping",
    "lexicon": "lexicon",
    "check-config": "keeping",
    "doctor": "keeping",
    "schema": "contract",
}


class _Lazy(click.Group):
    """Loads the module of a command when it is called: a health check must not load the lexicon's rooms."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"monitor.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
