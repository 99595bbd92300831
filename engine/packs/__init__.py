"""One council's policy as data: the files of a pack, read and checked for their shape.

Knows no database, so that a dry run starts quickly.

Front doors:
    manifest: pack.toml: roles, facts, messages, policies
    entries: every entry that a pack.toml can have: what it holds, what it says
    own_words: the words of forms, elements and timescales that are a pack's own
    kinds: the kinds of case of pack.toml: what each is called and known by, how one begins
    version: one version of a pack: all its files, named by the hash of their content
    forms: what a form asks, checks and sets
    fact_bounds: what values a fact may have, read and told
    worked_out: dates that follow from other facts
    fact_rules: what of an answer becomes a fact
    answered_facts: the facts that a form's answers set and take back
    lasting_facts: the facts that may be corrected, and never taken back
    typed_text: the one rule by which what people type is cleaned
    patterns: the patterns of forms, matched in linear time
    form_formats: the formats of texts that forms may ask for
    conditions: when a question matters, as data that a page's script understands
    sittings: the days on which a body sits
    tracker_rules: columns, filters and measures of a pack's tracker
    appointments: what of a deadline is booked, and who is told of it
    authority: which roles a pack lets do what
    authority_words: the same in a process owner's words
    ending_words: how a case that has ended is spoken of

Imports: bpmn, domain, errors, rules.
"""
