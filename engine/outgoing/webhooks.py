"""Tells webhooks what happened to process instances: facts to find it by, never its variables. The message of an
incident may quote one, so it stays inside as well."""

from __future__ import annotations

from typing import Any

from engine.context import CommandContext
from engine.execution.protocol import InstanceChange
from engine.outgoing.deliveries import WEBHOOK, deliver_later


def announce(
    context: CommandContext, change: InstanceChange, definition_key: str, incidents: list[dict[str, Any]]
) -> None:
    """One delivery to every webhook for each event that it asked for."""
    hooks = context.engine.settings.outgoing.webhooks
    if not hooks:
        return
    facts = {
        "processInstanceId": change.instance_id,
        "processDefinitionId": change.definition_id,
        "processDefinitionKey": definition_key,
        "businessKey": change.business_key,
        "occurredAt": context.now.isoformat(),
    }
    events: list[dict[str, Any]] = []
    if change.created:
        events.append({"event": "instance-started", **facts})
    events += [
        {"event": "incident-opened", **facts, "activityId": row["activity_id"], "incidentType": row["incident_type"]}
        for row in incidents
    ]
    if change.ended is not None:
        events.append({"event": "instance-ended", **facts, "state": change.ended.value})
    deliver_later(
        context,
        WEBHOOK,
        [
            {"webhook": hook.name, "processInstanceId": change.instance_id, "body": event}
            for event in events
            for hook in hooks
            if event["event"] in hook.events
        ],
    )
