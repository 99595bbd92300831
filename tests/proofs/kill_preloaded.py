"""Imported by the process from which the killed ones are forked: reads the pack once for all."""

from __future__ import annotations

from engine.storage import database, tables
from tests.proofs.kill_pack import fill_tables
from tests.proofs.kill_processes import warm

_memory = database.create_engine("sqlite://")
with database.transaction(_memory) as _connection:
    tables.metadata.create_all(_connection)
    fill_tables(_connection)
warm(_memory)
