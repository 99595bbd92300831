"""A case's world on each kind of database."""

from tests.engine.conftest import world

__all__ = ["world"]
