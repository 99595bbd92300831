"""One request: who asks, what it may do, its transactions, and how a refusal is told.

Front doors:
    access: a row for every route, and the check that each request passes
    context: the database, who acts, what time it is: one reading, one writing
    errors: the only place where an error meets HTTP
    arguments: what an address asks for, as values
    filters: dates, times and values in words
    navigation: the main menu
    tracking: what the tracker's page, its file and the API share
    uploads: files that a process owner sends
    unsent_typing: nothing typed is lost when a session ends
    endings: how a case that has ended is spoken of
    routes: the table of routes: who may call each, what it may bring

Imports: engine.commands, engine.context, engine.domain, engine.errors, engine.firing,
engine.metrics, engine.open_work, engine.packs, engine.people, engine.publishing, engine.reads,
engine.storage, engine.tracker.
"""
