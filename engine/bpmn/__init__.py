"""Processes as diagrams draw them, run on SpiffWorkflow: the only folder that knows it.

Text in, `Run` out, no database and no clock. After each run, what no future step can see is
removed, so that a step costs the same at the first meeting and the hundredth.

Front doors:
    runtime: run one process instance from wait to wait
    specs: a pack's BPMN files as specs, parsed once
    elements: what a file says of its elements, read without SpiffWorkflow
    scripting: what the expressions of a diagram can see
    timers: timer events that read deadlines and re-arm when those move
    payloads: what thrown messages carry
    failing_element: the element at which a step failed
    formats: what an instance's text says of itself; older ones become today's
    running_tasks: how many tasks a run may make

Imports: domain, errors, rules.
"""
