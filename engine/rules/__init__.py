"""The closed expression language and decision tables of packs.

Everything a pack says in formulas is read and worked out here: never Python, bounded in size and
time, the same whether it stands in a diagram, a table or a form.

Front doors:
    expressions: compile and evaluate one expression, or the lines of a script
    operators: what the language computes, on the values of facts
    decision_tables: DMN files read once, every cell compiled or refused by name
    decisions: what a table says of a case, with the rows that matched
    safe_xml: the only way that XML of a pack is read

Imports: domain, errors.
"""
