"""One step of a case: `LoadedCase` in, `Step` out. Pure: no database, no clock, no randomness.

Facts move deadlines, deadlines move timers, timers open work, until all is quiet.

Front doors:
    model: a case as loaded for a step, and everything that a step changes
    case_run: the order of things: facts, deadlines, instances, messages, work
    case_facts: facts set, deadlines derived from them
    armed_timers: which timers instances wait for
    scope: what the expressions of a case read
    notice_text: what those who are told of a message read
    event_body: the body of an event, ready to be sealed
    hash_chain: seals of events, salted digests of personal content

Imports: bpmn, context, domain, errors, packs, rules.
"""
