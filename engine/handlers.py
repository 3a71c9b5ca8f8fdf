"""The handlers that Onedoor ships: what `camunda:delegateExpression="${notify}"` and its like run.

A handler is called within the command's transaction with its context and the execution it works for; what it writes is
kept or lost with everything else the command did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.context import CommandContext
from engine.errors import ExecutionFailed
from engine.execution.protocol import DelegateExecution, VariableScope
from engine.guests.invitations import invite_from_flow
from engine.notifications import notify

EngineHandler = Callable[[CommandContext, DelegateExecution], Any]


def notify_handler(context: CommandContext, execution: DelegateExecution) -> None:
    """Tells `recipient` (a user id), or if that is null the `department` (a group id), the `message`.

    Other languages come as inputs named `message:sv` and so on. ExecutionFailed if nobody or nothing is given.
    """
    inputs = execution.variables
    recipient, group, message = (_given(inputs, name) for name in ("recipient", "department", "message"))
    if not (recipient or group) or not message:
        raise ExecutionFailed(
            "notify needs the inputs `message` and `recipient` or `department`.", execution.activity_id
        )
    texts = {"en": str(message)}
    swedish = _given(inputs, "message:sv")
    if swedish:
        texts["sv"] = str(swedish)
    notify(
        context,
        user_id=str(recipient) if recipient else None,
        group_id=str(group) if group else None,
        message=texts,
        process_instance_id=execution.process_instance_id,
    )


def invite_handler(context: CommandContext, execution: DelegateExecution) -> None:
    """Invites whom the journey is about as a guest, by mail to the field `email`; their id goes into the variable that
    the field `variable` names. It does nothing where that names somebody already, where there is no address that a mail
    could go to, and where no mail can carry a link. `language` is sv or en."""
    fields, variables = execution.fields, execution.variables
    name, email, language = (fields.get(each) for each in ("variable", "email", "language"))
    if not isinstance(name, str) or not name:
        raise ExecutionFailed(
            "inviteGuest needs the field `variable`: the one the process names.", execution.activity_id
        )
    if not email or _given(variables, name):
        return
    guest = invite_from_flow(context, execution.process_instance_id, str(email), str(language) if language else None)
    if guest is not None:
        variables[name] = guest


def _given(inputs: VariableScope, name: str) -> Any:
    """A scope is no mapping: it has no `get`."""
    if name in inputs:
        return inputs[name]
    return None


#: By the name that models call them.
SHIPPED: Mapping[str, EngineHandler] = {"notify": notify_handler, "inviteGuest": invite_handler}
