"""The made-up council: fictional people at work, day by day on the training clock.

What they do follows from a seed alone, so the same seed gives the same events, hashes included.

Front doors:
    demo: the demonstration: people, nine cases, one panel
    demo_children: who they are and what their people record
    caseload: as many cases as asked for, in all states
    run: years of a council, day by day

Imports: engine.commands, engine.context, engine.domain, engine.errors, engine.firing,
engine.integrity, engine.open_work, engine.packs, engine.people, engine.reads, engine.step,
engine.storage.
"""
