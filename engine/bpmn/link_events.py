"""Diagrams as SpiffWorkflow can read them: links drawn out as flows, data stores left out.

It knows no links, and refuses data stores, which here are only drawn. A link is a flow that is not
drawn: from a throwing event to the one catching event of the same name in the same process or
sub-process. Both stay elements, so history and drawings show them.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from engine.bpmn.elements import BPMN, jumps_in

_SCOPES = tuple(f"{{{BPMN}}}{kind}" for kind in ("process", "subProcess"))
_STORES = (f"{{{BPMN}}}dataStore", f"{{{BPMN}}}dataStoreReference")
_LINK = f"{{{BPMN}}}linkEventDefinition"


def drawn_out(root: etree._Element) -> etree._Element:
    """Return a diagram with flows for links and no data stores; the very one if it has neither."""
    if next(root.iter(_LINK, *_STORES), None) is None:
        return root
    copy = deepcopy(root)
    for store in list(copy.iter(*_STORES)):
        holder = store.getparent()
        if holder is not None:
            holder.remove(store)
    for scope in copy.iter(*_SCOPES):
        for source, target in jumps_in(scope).items():
            flow = etree.SubElement(scope, f"{{{BPMN}}}sequenceFlow")
            flow.set("id", f"{source}.link")
            flow.set("sourceRef", source)
            flow.set("targetRef", target)
    for definition in list(copy.iter(_LINK)):
        event = definition.getparent()
        if event is not None:
            event.remove(definition)
            # Both ends pass the token on at once, as a throwing event without a meaning does.
            event.tag = f"{{{BPMN}}}intermediateThrowEvent"
    return copy
