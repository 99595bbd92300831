"""Many cases at once: flags, columns and measures, worked out by the pack's rules.

Front doors:
    tracker: the tracker: every open case that one may see
    measures_in_forms: a council's figures as answers of a form

Imports: context, domain, packs, people, rules, step, storage.
"""
