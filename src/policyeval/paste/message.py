"""An AccessDenied message, alone or inside other output, as facts and a claim (R-MSG)."""

from __future__ import annotations

from policyeval.arn import is_account_id
from policyeval.claim import Claim
from policyeval.finding import Finding, Severity
from policyeval.parsing.arn import read_arn
from policyeval.parsing.defect import quote
from policyeval.parsing.message import Denial, find_denials
from policyeval.paste.completion import completed
from policyeval.paste.pasted import Pasted, PasteKind
from policyeval.source import Location, Source, Span
from policyeval.stack import Layer

LAYERS = {
    "IDENTITY": Layer.IDENTITY_POLICY,
    "RESOURCE": Layer.RESOURCE_POLICY,
    "SESSION": Layer.SESSION_POLICY,
    "SCP": Layer.SERVICE_CONTROL_POLICY,
    "RCP": Layer.RESOURCE_CONTROL_POLICY,
    "ENDPOINT": Layer.VPC_ENDPOINT_POLICY,
    "BOUNDARY": Layer.PERMISSIONS_BOUNDARY,
    "TRUST": Layer.RESOURCE_POLICY,
}

# What IAM calls its resources by where a message gives a bare name: `role second-role-name`.
_NAMED = {
    "role": "role",
    "user": "user",
    "group": "group",
    "policy": "policy",
    "instance profile": "instance-profile",
    "server certificate": "server-certificate",
    "saml provider": "saml-provider",
}


def read_messages(text: str, name: str = "message") -> tuple[Pasted, ...]:
    """Give the denials that a text holds; none where it holds none.

    `name` is what findings call the text.
    """
    return tuple(_pasted(denial, name) for denial in find_denials(text))


def read_message(text: str, name: str = "message") -> Pasted | None:
    """Give the first denial of a text; None where it holds none."""
    found = read_messages(text, name)
    return found[0] if found else None


def _pasted(denial: Denial, name: str) -> Pasted:
    findings: list[Finding] = []
    principal = _principal(denial, name, findings)
    resource, rebuilt = _resource(denial, principal, name, findings)
    action = denial.action
    if denial.encoded:
        findings.append(_encoded(denial))
    if denial.authorization_id:
        findings.append(_details(denial))
    if denial.rest and denial.explicit is None and _is_reason(denial.rest):
        findings.append(_unknown_ending(denial, name))
    said = (("principal", principal), ("action", action), ("resource", resource))
    told = Pasted(
        PasteKind.MESSAGE,
        principal,
        action,
        resource,
        claim=_claim(denial),
        origins={fact: "the message" for fact, value in said if value},
        rebuilt=frozenset({"resource"}) if rebuilt else frozenset(),
        operation=denial.operation,
        service=denial.service,
        findings=tuple(findings),
    )
    # A resource that was named and is of no use is not replaced.
    return told if denial.resource and not resource else completed(told)


def _claim(denial: Denial) -> Claim:
    layers = [LAYERS[word] for word in denial.types]
    return Claim(
        denial.explicit,
        layers[0] if layers else None,
        denial.policy_arn,
        trust="TRUST" in denial.types,
        through=layers[1] if len(layers) > 1 else None,
    )


def _principal(denial: Denial, name: str, findings: list[Finding]) -> str:
    text = denial.principal
    if text.lower() == "anonymous":
        return "*"
    if _is_masked(text):
        findings.append(_masked("principal", text, denial, name))
        return ""
    return text


def _resource(
    denial: Denial, principal: str, name: str, findings: list[Finding]
) -> tuple[str, bool]:
    """Give the resource, and whether it was put together from a bare name."""
    text = denial.resource
    if not text or text == "*":
        return text, False
    if text.startswith("arn:"):
        if _is_masked(text):
            findings.append(_masked("resource", text, denial, name))
            return "", False
        if denial.explicit is None and _has_reason_behind(denial.rest):
            findings.append(
                Finding(
                    "PE1703",
                    Severity.WARNING,
                    f"the resource has spaces and no quotes: where {quote(text)} ends is not told",
                    _place(denial, name, text),
                    "give its ARN with --resource, or put it into double quotes",
                )
            )
            return "", False
        return text, False
    arn, _ = read_arn(principal)
    if denial.kind in _NAMED and arn is not None and is_account_id(arn.account):
        return f"arn:{arn.partition}:iam::{arn.account}:{_NAMED[denial.kind]}/{text}", True
    findings.append(
        Finding(
            "PE1703",
            Severity.WARNING,
            f"the message calls the resource {quote(text)}, which is no ARN",
            _place(denial, name, text),
            "give its ARN with --resource",
        )
    )
    return "", False


def _is_masked(text: str) -> bool:
    """Tell whether somebody, or AWS itself, hid the account: `********1234`, `***`, `<REMOVED>`."""
    parts = text.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and any(char in parts[4] for char in "*<x")


def _is_reason(rest: str) -> bool:
    return rest.lower().startswith(("because", "with ", "due to"))


def _has_reason_behind(rest: str) -> bool:
    """Tell whether a reason comes after more words: these are of the resource before it."""
    folded = rest.lower()
    return any(folded.find(word) > 0 for word in ("because no ", "with an explicit deny"))


def _place(denial: Denial, name: str, part: str) -> Location:
    start = max(denial.text.find(part), 0)
    return Location(Source(name, denial.text), span=Span(start, start + len(part)))


def _masked(fact: str, text: str, denial: Denial, name: str) -> Finding:
    return Finding(
        "PE1702",
        Severity.WARNING,
        f"the account in the {fact}'s ARN is masked: {quote(text)}",
        _place(denial, name, text),
        f"give the whole ARN with --{fact}",
    )


def _unknown_ending(denial: Denial, name: str) -> Finding:
    return Finding(
        "PE1704",
        Severity.NOTE,
        f"the reason that the message gives is not understood: {quote(denial.rest)}",
        _place(denial, name, denial.rest),
        "what stands before it is used; which policies deny is found from your input alone",
    )


def _encoded(denial: Denial) -> Finding:
    return Finding(
        "PE1705",
        Severity.NOTE,
        "the message carries an encoded part that AWS alone can read",
        help="this command decodes it, and asks again with all that it tells:",
        command="aws sts decode-authorization-message --encoded-message "
        f"{denial.encoded} | policyeval why -",
    )


def _details(denial: Denial) -> Finding:
    return Finding(
        "PE1706",
        Severity.NOTE,
        f"AWS keeps the details of this denial under the authorization id "
        f"{quote(denial.authorization_id)}",
        help="this command fetches them, and asks again with all that they tell:",
        command="aws iam-toolbox get-request-authorization-details --authorization-id "
        f"{denial.authorization_id} | policyeval why -",
    )
