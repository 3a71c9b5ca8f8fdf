"""Who may know what, and who may do what. Everything that asks goes through this front.

`can(actor, action, about)` answers from one rule a function; `visible(context, statement, kind)` leaves out of a query
what the actor may not know; what fields hold is `confidentiality`'s.
"""

from engine.policy.operating import (
    facts_of_instance,
    operated,
    require_ending,
    require_guest,
    require_operating,
    require_operating_some,
)
from engine.policy.roles import (
    ADMINISTRATORS,
    GUESTS,
    HEADS_OF_SERVICE,
    PROCESS_OWNERS,
    belongs_to,
    groups_of,
    is_guest,
    own_departments,
)
from engine.policy.rules import Action, Duty, InstanceFacts, Starters, can, require
from engine.policy.tasks import could_take, is_candidate, only_for_the_absent
from engine.policy.visibility import (
    IS_FOR_EVERYBODY,
    STARTER,
    WORKS,
    Kind,
    knows_what_is_for_everybody,
    seen,
    visible,
    visible_inside,
)

__all__ = [
    "ADMINISTRATORS", "GUESTS", "HEADS_OF_SERVICE", "IS_FOR_EVERYBODY", "PROCESS_OWNERS", "STARTER", "WORKS", "Action",
    "Duty", "InstanceFacts", "Kind", "Starters", "belongs_to", "can", "could_take", "facts_of_instance", "groups_of",
    "is_candidate", "is_guest", "knows_what_is_for_everybody", "only_for_the_absent", "operated", "own_departments",
    "require", "require_ending", "require_guest", "require_operating", "require_operating_some", "seen", "visible",
    "visible_inside",
]  # fmt: skip
