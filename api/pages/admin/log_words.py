"""What lines of the log of operations say, in words."""

from __future__ import annotations

from flask_babel import gettext


def operations() -> dict[str, str]:
    """Every operation that a line can have, as a person chooses and reads it."""
    return {
        "Start": gettext("Started"),
        "Claim": gettext("Claimed"),
        "Unclaim": gettext("Given back"),
        "Assign": gettext("Handed over"),
        "Delegate": gettext("Delegated"),
        "Resolve": gettext("Delegation finished"),
        "Complete": gettext("Completed"),
        "AddComment": gettext("Comment written"),
        "SetVariable": gettext("Fact changed"),
        "SetOwner": gettext("Owner changed"),
        "AddUserLink": gettext("Candidate added"),
        "DeleteUserLink": gettext("Candidate taken away"),
        "AddGroupLink": gettext("Candidate department added"),
        "DeleteGroupLink": gettext("Candidate department taken away"),
        "HandleBpmnError": gettext("Error reported"),
        "HandleBpmnEscalation": gettext("Escalated"),
        "CorrelateMessage": gettext("Message sent"),
        "Signal": gettext("Signal sent"),
        "Trigger": gettext("Let go on"),
        "ModifyProcessInstance": gettext("Moved within the flow"),
        "Migrate": gettext("Moved to another version"),
        "Suspend": gettext("Suspended"),
        "Activate": gettext("Activated"),
        "SetJobRetries": gettext("Tried again"),
        "SetExternalTaskRetries": gettext("Tries of a worker changed"),
        "SetPriority": gettext("Priority changed"),
        "SetDueDate": gettext("Date moved"),
        "ExecuteJob": gettext("Run now"),
        "Lock": gettext("Locked by a worker"),
        "Unlock": gettext("Freed from a worker"),
        "Fail": gettext("Failed at a worker"),
        "Create": gettext("Created"),
        "Update": gettext("Changed"),
        "Delete": gettext("Removed or withdrawn"),
        "Save": gettext("Draft saved"),
        "AddMember": gettext("Member added"),
        "RemoveMember": gettext("Member taken away"),
        "SetRoles": gettext("Roles changed"),
        "SetOwnedFlows": gettext("Owned flows changed"),
        "SetPassword": gettext("Password changed"),
        "SetAbsence": gettext("Absence set"),
        "EndAbsence": gettext("Absence ended"),
        "Invite": gettext("Guest invited"),
        "RevokeInvitation": gettext("Invitation revoked"),
        "SetRetention": gettext("Time of keeping changed"),
        "CloseAccount": gettext("Account closed"),
        "ErasePerson": gettext("Person erased"),
        "SignIn": gettext("Signed in"),
        "SignOut": gettext("Signed out"),
        "EndSession": gettext("Signed out elsewhere"),
        "SignInRefused": gettext("Sign-in refused"),
        "Link": gettext("Account elsewhere connected"),
        "Unlink": gettext("Account elsewhere disconnected"),
    }


def things() -> dict[str, str]:
    """What a line is about."""
    return {
        "Absence": gettext("Absence"),
        "ApiToken": gettext("API token"),
        "Comment": gettext("Comment"),
        "Deployment": gettext("Published files"),
        "Draft": gettext("Draft"),
        "Execution": gettext("Journey"),
        "ExternalTask": gettext("Task of a worker"),
        "Group": gettext("Department"),
        "Identity": gettext("Account elsewhere"),
        "IdentityLink": gettext("Task"),
        "Job": gettext("Timer or automatic task"),
        "ProcessDefinition": gettext("Flow"),
        "ProcessInstance": gettext("Journey"),
        "Session": gettext("Session"),
        "Signal": gettext("Signal"),
        "Task": gettext("Task"),
        "User": gettext("Person"),
        "Variable": gettext("Fact"),
    }


def doors() -> dict[str, str]:
    """From where a command came."""
    return {
        "page": gettext("Page"),
        "rest": "REST",
        "api": gettext("API"),
        "scim": gettext("Directory (SCIM)"),
        "cli": gettext("Command line"),
        "engine": gettext("By itself"),
    }


#: Properties whose values are ids of people.
PEOPLE = frozenset(("assignee", "owner", "member", "manager_id", "representative_id", "substitute_id"))


def properties() -> dict[str, str]:
    """What changed; others are shown as they are called in the model or over REST."""
    return {
        "active": gettext("May sign in"),
        "assignee": gettext("With"),
        "calendar": gettext("Calendar"),
        "candidate": gettext("Candidate"),
        "duedate": gettext("Due"),
        "dueDate": gettext("Due"),
        "email": gettext("Mail address"),
        "first_name": gettext("First name"),
        "flows": gettext("Flows"),
        "issuer": gettext("At"),
        "language": gettext("Language"),
        "last_name": gettext("Last name"),
        "manager_id": gettext("Manager"),
        "member": gettext("Member"),
        "name": gettext("Name"),
        "name_sv": gettext("Name in Swedish"),
        "owner": gettext("Owner"),
        "priority": gettext("Priority"),
        "representative_id": gettext("Representative"),
        "retries": gettext("Tries left"),
        "roles": gettext("Roles"),
        "substitute_id": gettext("Substitute"),
        "user_name": gettext("User name"),
    }
