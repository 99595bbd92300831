"""A pack on its way into force: checked, tried out in a child process, published.

Checking takes seconds and no database; only putting in force is a transaction.

Front doors:
    check: findings in a process owner's words
    publish: uploads put in their places, a checked version put in force

Imports: bpmn, context, domain, errors, open_work, packs, people, rules, step, storage.
"""
