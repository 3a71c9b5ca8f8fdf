"""What a flow says about guests, as properties of its process.

`subjectUser` is the variable that holds the id of whom the journey is about; a flow without it has no guests.
`guestMail` is the variable with their mail address, `guestLanguage` with their language, `guestContact` with the id of
the person they may turn to (else whoever started). `guestShows` names the variables they see, `guestInvitedBy` the
departments whose members may invite, both with commas between.
"""

from __future__ import annotations

import re

from bpmn import ProcessModel, UserTask


def guest_variable(model: ProcessModel) -> str | None:
    return _property(model, "subjectUser")


def mail_variable(model: ProcessModel) -> str | None:
    return _property(model, "guestMail")


def language_variable(model: ProcessModel) -> str | None:
    return _property(model, "guestLanguage")


def contact_variable(model: ProcessModel) -> str | None:
    return _property(model, "guestContact")


def shown_variables(model: ProcessModel) -> frozenset[str]:
    return _several(model, "guestShows")


def inviting_departments(model: ProcessModel) -> frozenset[str]:
    return _several(model, "guestInvitedBy")


def is_for_the_guest(model: ProcessModel, activity_id: str) -> bool:
    """Whether this user task goes to whoever the variable `subjectUser` names: its assignee reads that variable."""
    name, node = guest_variable(model), model.nodes.get(activity_id)
    if name is None or not isinstance(node, UserTask) or node.assignee is None:
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", node.assignee.text) is not None


def _property(model: ProcessModel, name: str) -> str | None:
    return (model.process.properties.get(name) or "").strip() or None


def _several(model: ProcessModel, name: str) -> frozenset[str]:
    return frozenset(part.strip() for part in (_property(model, name) or "").split(",") if part.strip())
