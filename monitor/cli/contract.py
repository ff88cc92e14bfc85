"""The command about the output contract: schema."""

from __future__ import annotations

import json

import click

from monitor.core.contract import NAMES, contract_schema


@click.command()
@click.argument("name", type=click.Choice(NAMES), default=NAMES[0])
def schema(name: str) -> None:
    """Print the JSON Schema of what this program prints and sends: development, claim or webhook."""
    click.echo(json.dumps(contract_schema(name), indent=2, ensure_ascii=False))
