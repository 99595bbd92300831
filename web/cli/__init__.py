"""The command `permanence`, one module for each group of its commands."""

from web.cli.command_line import main

__all__ = ["main"]
