"""People: who they are, what they may see and do, who stands in for them, what is kept of them.

Front doors:
    people: persons, sessions, tokens
    permissions: who may see a case and who may do what in it: the one place that decides
    case_circle: who has to do with a case; which case a reference or a task names
    saved_filters: a person's own filters of the work list
    kept_requests: who saw what, answers under a key, typing that came too late

Imports: context, domain, errors, packs, rules, step, storage.
"""
