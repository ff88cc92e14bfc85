"""The stored state: tables, the unit of work, migrations, backup."""
