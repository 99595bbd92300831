"""The made-up councils: fictional people at work, day by day on the training clock.

What they do follows from a seed alone, so the same seed gives the same events, hashes included.

Front doors:
    demo: the demonstration: people and cases of each pack
    demo_file: what a pack's demo.toml says of both
    demo_check: whether it names what its pack has
    toml_entries: what is refused of a demo.toml or scenarios.toml
    scenario_file: what a pack's scenarios.toml tells
    scenarios: play that, and say what does not come out so
    caseload: as many cases as asked for, in all states
    run: years of councils, day by day

Imports: engine.commands, engine.context, engine.domain, engine.errors, engine.firing,
engine.integrity, engine.open_work, engine.packs, engine.people, engine.publishing,
engine.reads, engine.rules, engine.step, engine.storage.
"""
