"""Rows: tables, connections, and a case read and written whole.

`database` is the only module that commits. Web sees `database` and `published_versions` alone.

Front doors:
    database: connections, transactions, retries, the schema
    tables: the tables; those marked PERSONAL hold personal content
    published_versions: published versions of packs, parsed once and cached
    loading: rows to `LoadedCase`, in a fixed number of statements
    saving: `Step` to rows, under the case version, as one event
    sealed_rows: which values of a case's rows its events seal, and how
    case_register: the set of cases, numbered as they are opened
    incidents: steps that failed: what is kept of them

Imports: bpmn, context, domain, errors, packs, step.
"""
