"""What a journey has promised to keep to some departments goes with it into the processes it calls and the decisions it
asks. Where one of them would give it to others, the command is refused: nobody could have known at deployment."""

from __future__ import annotations

from bpmn import ANY_NAME, DecisionDefinitions, DecisionWork, check_promises, copied_names
from engine.context import CommandContext
from engine.errors import ExecutionFailed
from engine.policy.confidentiality import Marks, marks_of, opened
from engine.repository_models import model_of


class Promises:
    """Of the instances that take part in one command, stored or begun by it."""

    def __init__(self, context: CommandContext) -> None:
        self._context = context
        self._instances: dict[str, set[str]] = {}
        #: what a definition called by this command has to keep for its callers
        self._inherited: dict[str, Marks] = {}

    def loaded(self, instance_id: str, definition_id: str) -> None:
        self._instances.setdefault(definition_id, set()).add(instance_id)

    def keep_when_called(self, called_id: str, caller_id: str) -> None:
        """ExecutionFailed where the called process would give something of its caller's to others."""
        promised = self._of(caller_id)
        if not promised:
            return
        self._inherited[called_id] = _together(self._inherited.get(called_id, {}), promised)
        called = model_of(self._context, called_id)
        for name, departments in opened(promised, marks_of(self._context, [called.key])).items():
            raise ExecutionFailed(
                f"the called process {called.key} would give “{name}” to {', '.join(sorted(departments))}: "
                "mark it there for the same departments as here"
            )
        problems = check_promises(called, promised)
        if problems:
            raise ExecutionFailed(f"the called process must keep it: {problems[0].message}", problems[0].element_id)

    def keep_when_decided(self, definitions: DecisionDefinitions, decision_id: str, asker_id: str) -> None:
        """ExecutionFailed where the result copies something confidential and the variable that takes it up is not."""
        copied = copied_names(definitions, decision_id)
        promised = self._of(asker_id) if copied else {}
        names = promised.keys() if ANY_NAME in copied else copied & promised.keys()
        for node in model_of(self._context, asker_id).nodes.values() if names else ():
            work = getattr(node, "work", None)
            if not isinstance(work, DecisionWork) or (work.decision.text != decision_id and not _varies(work)):
                continue
            if work.result_variable is None:
                continue
            into = promised.get(work.result_variable, frozenset())
            for name in sorted(names):
                if not into or not into <= promised[name]:
                    raise ExecutionFailed(
                        f"decision {decision_id} would give “{name}” to others: leave it out of its results, or mark "
                        "the field that takes them up as confidential too",
                        node.id,
                    )

    def _of(self, definition_id: str) -> Marks:
        key = model_of(self._context, definition_id).key
        own = marks_of(self._context, [key], self._instances.get(definition_id, ()))
        return _together(self._inherited.get(definition_id, {}), own)


def _varies(work: DecisionWork) -> bool:
    """Whether it is worked out which decision is asked."""
    return "{" in work.decision.text


def _together(one: Marks, other: Marks) -> Marks:
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in {*one, *other}}
