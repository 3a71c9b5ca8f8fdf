"""One behaviour per kind of element. `behaviour_of` is the whole registry."""

from __future__ import annotations

from bpmn import Activity as ActivityNode
from bpmn import (
    AdHocSubProcess,
    CallActivity,
    DecisionWork,
    EndEvent,
    EventBasedGateway,
    EventKind,
    ExclusiveGateway,
    ExternalWork,
    FlowNode,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ParallelGateway,
    ReceiveTask,
    Scope,
    ScriptTask,
    ServiceTask,
    UserTask,
)
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.behaviours.calls import CallActivityBehaviour
from engine.execution.native.behaviours.events import (
    CancelEndBehaviour,
    CatchEventBehaviour,
    CompensationThrowBehaviour,
    ErrorEndBehaviour,
    EscalationThrowBehaviour,
    LinkThrowBehaviour,
    SignalThrowBehaviour,
    TerminateEndBehaviour,
)
from engine.execution.native.behaviours.gateways import (
    EventBasedGatewayBehaviour,
    ExclusiveGatewayBehaviour,
    InclusiveGatewayBehaviour,
    ParallelGatewayBehaviour,
)
from engine.execution.native.behaviours.loops import MultiInstanceBehaviour, StandardLoopBehaviour
from engine.execution.native.behaviours.scopes import AdHocBehaviour, ReopenedBehaviour, ScopeBehaviour
from engine.execution.native.behaviours.tasks import (
    DecisionBehaviour,
    ExternalTaskBehaviour,
    ReceiveTaskBehaviour,
    ScriptTaskBehaviour,
    ServiceTaskBehaviour,
    work_of,
)
from engine.execution.native.behaviours.user_tasks import UserTaskBehaviour
from engine.execution.native.state import BODY, REOPENED, REOPENED_BODY

__all__ = ["behaviour_of"]

_PASS = Behaviour()
_MULTI_INSTANCE = MultiInstanceBehaviour()
_STANDARD_LOOP = StandardLoopBehaviour()
_EXTERNAL = ExternalTaskBehaviour()
_SERVICE = ServiceTaskBehaviour()
_DECISION = DecisionBehaviour()
#: Those whose kind says it all.
_BY_KIND: dict[type[FlowNode], Behaviour] = {
    UserTask: UserTaskBehaviour(),
    ScriptTask: ScriptTaskBehaviour(),
    ReceiveTask: ReceiveTaskBehaviour(),
    CallActivity: CallActivityBehaviour(),
    ExclusiveGateway: ExclusiveGatewayBehaviour(),
    ParallelGateway: ParallelGatewayBehaviour(),
    InclusiveGateway: InclusiveGatewayBehaviour(),
    EventBasedGateway: EventBasedGatewayBehaviour(),
}
#: Those that may do some other work.
_OTHERWISE: dict[type[FlowNode], Behaviour] = {
    ServiceTask: _SERVICE,
    IntermediateCatchEvent: CatchEventBehaviour(),
}
_SCOPE = ScopeBehaviour()
_REOPENED = ReopenedBehaviour()
_AD_HOC = AdHocBehaviour()
_BY_THROWN: dict[EventKind, Behaviour] = {
    EventKind.MESSAGE: _SERVICE,
    EventKind.SIGNAL: SignalThrowBehaviour(),
    EventKind.ERROR: ErrorEndBehaviour(),
    EventKind.ESCALATION: EscalationThrowBehaviour(),
    EventKind.COMPENSATION: CompensationThrowBehaviour(),
    EventKind.LINK: LinkThrowBehaviour(),
    EventKind.TERMINATE: TerminateEndBehaviour(),
    EventKind.CANCEL: CancelEndBehaviour(),
}


def behaviour_of(node: FlowNode, role: str) -> Behaviour:
    """What this node does; in the role of a body, what its loop does."""
    if role:
        if role in (REOPENED, REOPENED_BODY):
            return _REOPENED
        if role == BODY:
            looping = isinstance(node, ActivityNode) and node.multi_instance is None
            return _STANDARD_LOOP if looping else _MULTI_INSTANCE
    found = _BY_KIND.get(type(node))
    if found is not None:
        return found
    work = work_of(node)
    if isinstance(work, ExternalWork):
        return _EXTERNAL
    if isinstance(work, DecisionWork):
        return _DECISION
    if isinstance(node, IntermediateThrowEvent | EndEvent) and node.definition is not None:
        return _BY_THROWN[node.definition.kind]
    if isinstance(node, Scope):
        return _AD_HOC if isinstance(node, AdHocSubProcess) else _SCOPE
    return _OTHERWISE.get(type(node), _PASS)
