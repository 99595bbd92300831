"""The command `permanence`, one module for each group of its commands.

Front doors:
    the package: main: reads the line and runs a command

Imports: engine.commands, engine.context, engine.domain, engine.errors, engine.firing,
engine.integrity, engine.packs, engine.people, engine.publishing, engine.reads, engine.storage,
training, web.api, web.app, web.config, web.logs, web.serve, workflows.permanence.
"""

from web.cli.command_line import main

__all__ = ["main"]
