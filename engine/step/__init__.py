"""One step of a case: `LoadedCase` in, `Step` out. Pure: no database, no clock, no randomness.

Facts move deadlines, deadlines move timers, timers open work, until all is quiet.

Front doors:
    model: a case as loaded for a step, and everything that a step changes
    case_run: the order of things: facts, deadlines, instances, messages, work
    case_facts: facts set, deadlines derived from them
    scope: what the expressions of a case read
    event: the body of an event, its seal, and what people are told
    appointments: what is booked, and who is told when that changes
    waiting: what a case waits for: work, timers, messages

Imports: bpmn, context, domain, errors, packs, rules.
"""
