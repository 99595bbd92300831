"""Settings from the environment (`PERMANENCE_…`), checked when the server starts."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass

PREFIX = "PERMANENCE_"
DEFAULT_URL = "sqlite:///var/permanence.sqlite"
MODES = ("training", "production")
SHORTEST_SECRET = 32


class BadSetting(Exception):
    """A setting is missing or wrong; the sentence says which and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """What the web server needs to know.

    `mode` is what the operator expects, or None; the database says what it is, and the two are
    held against each other at start.
    """

    database_url: str
    secret_key: str
    mode: str | None = None


def read_settings() -> Settings:
    """Return the settings of the environment.

    Raises:
        BadSetting: nothing may start on a wrong setting.
    """
    mode = os.environ.get(PREFIX + "MODE") or None
    if mode is not None and mode not in MODES:
        raise BadSetting(f"{PREFIX}MODE must be training or production, not {mode!r}.")
    secret = os.environ.get(PREFIX + "SECRET_KEY", "")
    if secret and len(secret) < SHORTEST_SECRET:
        raise BadSetting(f"{PREFIX}SECRET_KEY must have {SHORTEST_SECRET} characters or more.")
    url = os.environ.get(PREFIX + "DATABASE_URL") or DEFAULT_URL
    return Settings(database_url=url, secret_key=secret, mode=mode)


def secret_key(settings: Settings, mode: str) -> str:
    """Return the key that signs cookies and form tokens.

    In training a random one will do: it ends open forms at a restart and nothing else.

    Raises:
        BadSetting: production without a key, or a mode that the database does not have.
    """
    if settings.mode is not None and settings.mode != mode:
        raise BadSetting(
            f"{PREFIX}MODE says {settings.mode}, but this database was made for {mode}."
        )
    if settings.secret_key:
        return settings.secret_key
    if mode == "production":
        raise BadSetting(f"Set {PREFIX}SECRET_KEY: production does not start without one.")
    return secrets.token_hex(32)
