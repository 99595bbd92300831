"""People: who they are, what they may see and do, who stands in for them, what is kept of them.

Front doors:
    people: persons, sessions, tokens
    permissions: who may see a case and who may do what in it: the one place that decides
    case_circle: who has to do with a case; which case a reference or a task names
    cover: who stands in for whom, from one day to another
    access_log: who read or was refused what
    idempotency: answers kept under `Idempotency-Key`
    saved_filters: a person's own filters of the work list
    unsent_typing: what was sent after a session had ended

Imports: context, errors, packs, step, storage.
"""
