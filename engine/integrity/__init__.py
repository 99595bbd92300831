"""Is every case watched, and can it be shown that nothing was altered?

Front doors:
    look_over: the whole database: chains, states, lists, messages
    rebuilding: what follows from the states of cases, compared or made again
    liveness: silent cases, late timers, incidents: cheap enough to ask every few seconds

Imports: bpmn, domain, errors, firing, step, storage.
"""
