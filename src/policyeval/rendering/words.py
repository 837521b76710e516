"""The words for layers, places and facts: made here once, from values.

Text, Markdown and HTML say the same because they all ask here, in `reasons.py`, `comparisons.py`
and `changes.py`. AWS's own words for the kinds of policy, so that an answer can be laid beside
AWS's message.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.context import Presence
from policyeval.decision import Decision, LayerDecision, LayerVerdict, StatementRef, Verdict
from policyeval.principal import PrincipalKind
from policyeval.request import Request
from policyeval.source import Location
from policyeval.stack import AttachedPolicy, Layer

VERDICT_WORDS = {
    Verdict.ALLOWED: "ALLOWED",
    Verdict.EXPLICIT_DENY: "DENIED",
    Verdict.IMPLICIT_DENY: "DENIED",
    Verdict.UNKNOWN: "UNKNOWN",
}

LAYER_NOUNS = {
    Layer.RESOURCE_CONTROL_POLICY: "resource control policy",
    Layer.SERVICE_CONTROL_POLICY: "service control policy",
    Layer.VPC_ENDPOINT_POLICY: "VPC endpoint policy",
    Layer.RESOURCE_POLICY: "resource-based policy",
    Layer.IDENTITY_POLICY: "identity-based policy",
    Layer.PERMISSIONS_BOUNDARY: "permissions boundary",
    Layer.SESSION_POLICY: "session policy",
}

LAYER_VERDICT_WORDS = {
    LayerVerdict.ALLOWED: "allow",
    LayerVerdict.NO_ALLOW: "no allow",
    LayerVerdict.DENIED: "deny",
    LayerVerdict.UNKNOWN: "unknown",
    LayerVerdict.NONE: "none",
    LayerVerdict.EXEMPT: "skip",
}

CALLER_NOUNS = {
    PrincipalKind.IAM_USER: "an IAM user",
    PrincipalKind.ROLE_SESSION: "a role session",
    PrincipalKind.FEDERATED_USER: "a federated-user session",
    PrincipalKind.ROOT_USER: "a root user",
    PrincipalKind.AWS_SERVICE: "an AWS service",
    PrincipalKind.FEDERATED: "a federated identity",
    PrincipalKind.ANONYMOUS: "an anonymous caller",
}

NOT_EVALUATED_WORDS = {
    "s3_block_public_access": "S3 Block Public Access",
    "s3_acl": "S3 access control lists (ACLs)",
    "kms_grants": "KMS grants",
    "lake_formation": "Lake Formation permissions",
    "ram_share": "AWS RAM resource shares",
}

OTHER_VALUE = "some-other-value"
"""How the engine writes a value that is like none of those listed."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_POLICIES = "policies:"


# ---- small change -------------------------------------------------------------------------


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 statement`, `3 statements`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or plural_of(noun)}"


def plural_of(noun: str) -> str:
    """`policies` of `policy`."""
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def number_word(number: int) -> str:
    """`two`, and digits from eleven on."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def joined(texts: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *others, final = list(texts) or [""]
    return f"{', '.join(others)} {last} {final}" if others else final


def an(noun: str) -> str:
    """The noun with its article."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


# ---- layers -------------------------------------------------------------------------------


def layer_noun(layer: Layer, request: Request) -> str:
    """AWS's word for a kind of policy; trust policies and key policies by their own names."""
    if layer is Layer.RESOURCE_POLICY:
        if request.action.service == "sts":
            return "role trust policy"
        if request.action.service == "kms" and ":key/" in request.resource.text:
            return "key policy"
    return LAYER_NOUNS[layer]


def layer_verdict_word(said: LayerDecision) -> str:
    """`deny`, `no allow`, `allow`, `none`, `not given`, `skip` or `unknown`."""
    if said.reason == "not_given":
        return "not given"
    return LAYER_VERDICT_WORDS[said.verdict]


def layer_reason(said: LayerDecision, request: Request) -> str:
    """Say why a layer takes no part; empty where it does, or where nothing is to be said."""
    account = _account_of(said.layer, request)
    caller = CALLER_NOUNS[request.principal.kind]
    sentences = {
        "none": "",
        "not_given": "taken to be empty" if said.assumed else "could decide",
        "no_endpoint": "no aws:SourceVpce in the request",
        "management_account": f"{account} is the organization's management account",
        "service_linked_role": "service-linked roles are exempt",
        "unsupported_service": f"resource control policies do not reach {_reached(request)}",
        "aws_managed_key": "resource control policies do not reach AWS managed keys",
        "outside_organization": f"{account} is not in the organization",
        "forward_access_session": "a service calls on behalf of the principal",
        "owner_root": "the owner's root user passes it",
        "no_identity_side": f"{caller} has none",
        "not_an_account_principal": f"does not reach {caller}",
        "no_resource_policy": f"takes no part in {request.action}",
    }
    return sentences.get(said.reason, said.reason)


def _account_of(layer: Layer, request: Request) -> str:
    account = request.principal.account
    if layer is Layer.RESOURCE_CONTROL_POLICY:
        account = request.resource.account or account
    return account or "the account"


def _reached(request: Request) -> str:
    folded = request.action.folded
    return str(request.action) if folded == "kms:retiregrant" else request.action.service


def level_name(decision: Decision, layer: Layer, level: int) -> str:
    """Name an organization level: by what the policies there are attached to, or by its place."""
    levels = decision.stack.layers.get(layer, ())
    for attached in levels[level] if level < len(levels) else ():
        if attached.attached_to:
            return attached.attached_to
    if level == 0:
        return "the organization's root"
    if level == len(levels) - 1:
        return "the account"
    return f"level {level + 1} of {len(levels)}"


# ---- places -------------------------------------------------------------------------------


def position(location: Location | None) -> tuple[int, int] | None:
    """Line and column, from 1; None where the source has no text."""
    span = location.resolve() if location is not None else None
    if location is None or span is None:
        return None
    return location.source.map.line_and_column(span.start)


def lines_of(location: Location) -> tuple[int, int] | None:
    """The first and the last line, from 1; None where the source has no text."""
    span = location.resolve()
    if span is None:
        return None
    lines = location.source.map
    first, _ = lines.line_and_column(span.start)
    last, _ = lines.line_and_column(max(span.end - 1, span.start))
    return first, last


def place_of(attached: AttachedPolicy, location: Location) -> str:
    """`identity/dev.json:26`; where the policy has another name than its file, both."""
    found, source = position(location), location.source.name
    if found is None:
        return attached.name
    if source == attached.name or source.endswith("/" + attached.name):
        return f"{attached.name}:{found[0]}"
    return f"{attached.name} ({source}:{found[0]})"


def statement_location(ref: StatementRef) -> Location:
    """Where a statement begins."""
    return ref.policy.policy.location(ref.statement.pointer)


def statement_place(ref: StatementRef) -> str:
    """`identity/dev.json:26`."""
    return place_of(ref.policy, statement_location(ref))


def statement_name(ref: StatementRef) -> str:
    """The Sid in quotes, else `statement 2`, counted from 1."""
    sid = ref.statement.sid
    return f'"{sid}"' if sid else f"statement {ref.statement.index + 1}"


# ---- facts --------------------------------------------------------------------------------


def fact_words(fact: str, request: Request) -> str:
    """Name a missing fact: a condition key, a layer's policies, something of the caller."""
    if fact.startswith(_POLICIES):
        return f"the {layer_noun(Layer(fact.removeprefix(_POLICIES)), request)}"
    special = {
        "principal:issuer": "the user behind the federated session",
        "principal:session_name": "the name of the session",
        "principal:canonical_user": "the account behind a canonical user id",
    }
    return special.get(fact, fact)


def assumed_sentences(decision: Decision) -> list[str]:
    """What was taken as given, in full sentences; empty where nothing was."""
    layers = [
        fact.removeprefix(_POLICIES) for fact, _ in decision.assumed if fact.startswith(_POLICIES)
    ]
    keys = [
        f"{fact} = {value}" for fact, value in decision.assumed if not fact.startswith(_POLICIES)
    ]
    sentences = []
    if layers:
        none = f"o {joined(layers, 'or')} policy was given"
        allowed = decision.verdict is Verdict.ALLOWED
        sentences.append(f"ALLOWED by the policies given; n{none}." if allowed else f"N{none}.")
    if keys:
        sentences.append(f"Assumed: {', '.join(keys)}.")
    return sentences


def origin_of(key: str, request: Request) -> str:
    """Where a context value comes from: `assumed`, `from the resource ARN`; empty if given."""
    folded, context = key.lower(), request.context
    if folded in context.assumed:
        return "assumed"
    if folded not in context.derived:
        return ""
    if isinstance(context[key], Presence):
        return "AWS fills it in"
    if folded == "aws:requestedregion":
        return "from the resource ARN" if request.resource.region else "a global service"
    if folded.startswith(("aws:principal", "aws:username", "aws:userid", "kms:calleraccount")):
        return "from the principal"
    return "from the resource" if "resource" in folded else "derived"


def context_words(value: tuple[str, ...] | Presence) -> str:
    """A context value as it is read: values, `absent`, `not given`."""
    if isinstance(value, Presence):
        words = {
            Presence.ABSENT: "absent",
            Presence.UNKNOWN: "not given",
            Presence.PRESENT: "present, value not given",
        }
        return words[value]
    return ", ".join(value) if value else "an empty list"
