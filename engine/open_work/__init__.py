"""Work that waits for a person: lists of it, its form, its draft, one sitting for several cases.

Front doors:
    work_list: work items in order of their dates
    work_form: a form as one case asks it, and what it opens with
    drafts: what was saved of a task, by section
    answer_preview: which answers matter and what is wrong, before submitting
    joint_sitting: one sitting for several cases
    case_heads: which case, and whose: what every page about it begins with

Imports: bpmn, context, domain, errors, packs, people, rules, step, storage.
"""
