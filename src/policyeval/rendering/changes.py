"""The sentences about fixes: what to do, where, and what it opens."""

from __future__ import annotations

import json

from policyeval.context import Presence
from policyeval.explanation.tree import (
    Change,
    ContextChange,
    NewStatement,
    Opening,
    Opens,
    StatementEdit,
)
from policyeval.policy import Statement
from policyeval.rendering.comparisons import shortened
from policyeval.rendering.words import (
    OTHER_VALUE,
    an,
    context_words,
    counted,
    joined,
    layer_noun,
    place_of,
    position,
    statement_name,
)
from policyeval.request import Request
from policyeval.stack import Layer

# How a fix for a condition key is said in the imperative; `{}` is the value.
_ASKED_OTHERWISE = {
    "aws:requestedregion": "call it in {}",
    "aws:sourcevpce": "call it through the VPC endpoint {}",
    "aws:sourcevpc": "call it from the VPC {}",
    "aws:sourceip": "call it from {}",
    "aws:vpcsourceip": "call it from {} inside the VPC",
    "aws:currenttime": "call it at {}",
    "aws:useragent": "call it with the user agent {}",
}
_TAGGED = {
    "aws:requesttag/": "send",
    "aws:principaltag/": "tag the principal:",
    "aws:resourcetag/": "tag the resource:",
}
_FLAGS = {
    ("aws:multifactorauthpresent", "true"): "sign in with MFA",
    ("aws:securetransport", "true"): "call it over TLS",
}
_ABSENT = {
    "aws:sourcevpce": "call it without a VPC endpoint",
    "aws:sourcevpc": "call it from outside a VPC",
}


def change_place(change: Change) -> str:
    """`identity/dev.json:26`; empty for a change of the request or a new policy."""
    if isinstance(change, StatementEdit):
        return place_of(change.ref.policy, change.location)
    if isinstance(change, NewStatement) and change.policy is not None:
        return change.policy.name
    return ""


def change_sentence(change: Change, request: Request) -> str:
    """What to do, in the imperative; without the place."""
    if isinstance(change, ContextChange):
        return _other_context(change)
    if isinstance(change, StatementEdit):
        return _edit(change)
    return _new_statement(change, request)


def _other_context(change: ContextChange) -> str:  # noqa: PLR0911 - a list of sentences
    folded = change.key.lower()
    if change.value is Presence.ABSENT:
        return _ABSENT.get(folded, f"call it without {change.key}")
    if isinstance(change.value, Presence):
        return f"send {change.key}"
    if change.value == (OTHER_VALUE,):
        known = isinstance(change.was, tuple)
        return f"call it with another value of {change.key}" if known else f"send {change.key}"
    if change.range:
        outside = change.range == "-"
        return f"call it from {'another address' if outside else f'an address in {change.range}'}"
    choices = (*change.value, *change.also) if len(change.value) == 1 else change.value
    shown = [context_words((shortened(text),)) for text in choices]
    value = " or ".join(shown) if change.also else context_words(change.value)
    flag = _FLAGS.get((folded, value.lower()))
    if flag is not None:
        return flag
    if folded in _ASKED_OTHERWISE:
        return _ASKED_OTHERWISE[folded].format(value)
    verbs = [verb for start, verb in _TAGGED.items() if folded.startswith(start)]
    return f"{verbs[0] if verbs else 'call it with'} {change.key} = {value}"


def _edit(change: StatementEdit) -> str:
    text = f'"{shortened(change.text)}"'
    element = change.key or change.element
    # A line number in the place tells the statement; where there is none, it must be named.
    name = statement_name(change.ref)
    owner = "" if position(change.location) else f" of {name}"
    sentences = {
        "add": f"add {text} to {element}{owner}",
        "remove": f"remove {text} from {element}{owner}",
        "drop": f"drop the condition on {change.key or change.text}{owner}",
        "exempt": f"exempt {text} from {name} by a condition on aws:PrincipalArn",
    }
    return sentences.get(change.verb, f"{change.verb} {text} in {element}{owner}")


def _new_statement(change: NewStatement, request: Request) -> str:
    if change.policy is not None:
        return "add this statement"
    noun = an(layer_noun(change.layer, request))
    return f"attach {noun} with this statement"


def document_lines(change: Change) -> tuple[str, ...]:
    """The statement to add, as JSON; empty for the other changes."""
    if not isinstance(change, NewStatement):
        return ()
    one_line = json.dumps(change.document, ensure_ascii=False)
    if len(one_line) <= _SHORT_STATEMENT:
        return (one_line,)
    members = [
        f"  {json.dumps(key, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in change.document.items()
    ]
    return ("{", *(f"{member}," for member in members[:-1]), members[-1], "}")


_SHORT_STATEMENT = 60


# ---- cost ---------------------------------------------------------------------------------

_REACH = {
    Layer.RESOURCE_CONTROL_POLICY: "all callers of the resources under it",
    Layer.SERVICE_CONTROL_POLICY: "every account under it",
    Layer.VPC_ENDPOINT_POLICY: "all who come through the endpoint",
    Layer.RESOURCE_POLICY: "whoever the statement names",
    Layer.IDENTITY_POLICY: "whoever the policy is attached to",
    Layer.PERMISSIONS_BOUNDARY: "whoever it bounds",
    Layer.SESSION_POLICY: "this session",
}


def cost_sentence(opens: Opens, change: Change, request: Request) -> str:
    """What a change lets through beside the request."""
    reach = _reach(opens, change)
    edited = change.edited if isinstance(change, StatementEdit) else None
    actions = _actions(opens.actions, negated=edited is not None and edited.action.negated)
    resources = _resources(opens.resources, edited, request)
    subject = _this(opens.subject, request)
    sentences = {
        Opening.NOTHING: "opens nothing",
        Opening.TAG: f"opens what policies grant by {subject}",
        Opening.ACTION: f"opens {subject or actions}{resources}{reach}",
        Opening.RESOURCE: f"opens {actions} on {subject}{reach}",
        Opening.PRINCIPAL: f"opens {actions}{resources} to {subject}",
        Opening.CONDITION_VALUE: f"opens {actions}{resources}{_where(opens, change)}{reach}",
        Opening.CONDITION_DROPPED: f"opens {actions}{resources} whatever {subject} is,{reach}",
        Opening.EXEMPTION: f"opens {actions}{resources} to {subject}",
        Opening.STATEMENT: f"opens {actions}{resources}{reach}",
    }
    return sentences[opens.kind]


def _reach(opens: Opens, change: Change) -> str:
    if opens.layer is None:
        return ""
    if isinstance(change, NewStatement) and "Principal" in change.document:
        return " to this caller alone"
    return f" to {_REACH[opens.layer]}"


def _this(text: str, request: Request) -> str:
    """The request's own resource and caller need not be told again."""
    if text == request.resource.text and text != "*":
        return "this resource"
    return "this caller" if text in _names_of_caller(request) else shortened(text)


def _names_of_caller(request: Request) -> tuple[str, ...]:
    principal = request.principal
    return (principal.text, principal.role_arn) if principal.role_arn else (principal.text,)


def _where(opens: Opens, change: Change | None) -> str:
    key = change.key if isinstance(change, StatementEdit) else "the condition's key"
    return f' where {key} is "{shortened(opens.subject)}",'


def _actions(actions: tuple[str, ...], *, negated: bool) -> str:
    if negated:
        return f"all but {counted(len(actions), 'action')}"
    if "*" in actions or not actions:
        return "all actions"
    return joined(actions) if len(actions) <= 2 else counted(len(actions), "action")


def _resources(resources: tuple[str, ...], edited: Statement | None, request: Request) -> str:
    """` on 2 resources`; empty where the statement has no Resource."""
    listed = tuple(text for text in resources if text)
    if not listed:
        return ""
    if edited is not None and edited.resource is not None and edited.resource.negated:
        return f" on all but {counted(len(listed), 'resource')}"
    if "*" in listed:
        return " on all resources"
    return f" on {_this(listed[0], request) if len(listed) == 1 else f'{len(listed)} resources'}"
