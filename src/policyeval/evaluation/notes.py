"""Remarks that only the request and the policies together give rise to.

They never change an answer; they say where an answer rests on something that surprises people, or
where a policy may not do what its author thinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.context import ABSENT, Presence
from policyeval.decision import Decision, LayerDecision, Outcome, StatementRef
from policyeval.finding import Finding, Severity
from policyeval.matching.principal import names_of
from policyeval.policy import Effect, Policy, Statement, Template, Wildcard
from policyeval.principal import PrincipalKind
from policyeval.stack import EndpointType, Layer

ROOT_SUFFIX = ":root"


def notes_of(decision: Decision) -> tuple[Finding, ...]:
    """Give the remarks on a decision, in the order of its layers, each once."""
    found: dict[Finding, None] = {}
    found.update(dict.fromkeys(_endpoint_notes(decision)))
    for layer in decision.layers:
        for ref, outcome in layer.trace:
            found.update(dict.fromkeys(_statement_notes(decision, ref, outcome)))
        found.update(dict.fromkeys(_star_notes(decision, layer)))
    return tuple(found)


def findings_of(decision: Decision, policies: Iterable[Policy]) -> tuple[Finding, ...]:
    """Give all remarks: on the request, on these policies, on the two together; each once."""
    found: dict[Finding, None] = dict.fromkeys(decision.request.findings)
    for policy in policies:
        found.update(dict.fromkeys(policy.findings))
    found.update(dict.fromkeys(notes_of(decision)))
    return tuple(found)


def catalogue_notes(decision: Decision, policies: Iterable[Policy]) -> tuple[Finding, ...]:
    """Give what the action catalogue has to say about the request and these policies.

    Of a policy only what concerns the service asked for, and nothing that does no harm. No part of
    `findings_of`: thousands of decisions need no catalogue.
    """
    from policyeval.catalogue.remarks import remarks_on_policy, remarks_on_request

    request = decision.request
    found = dict.fromkeys(remarks_on_request(str(request.action), request.resource.text))
    for policy in policies:
        remarks = remarks_on_policy(policy, request.action.service)
        found.update(dict.fromkeys(each for each in remarks if each.severity is not Severity.NOTE))
    return tuple(found)


def attached_policies(decision: Decision) -> list[Policy]:
    """Give all policies of the stack that decided."""
    stack = decision.stack
    return [attached.policy for layer in stack.layers for attached in stack.policies(layer)]


def asked_policies(decision: Decision) -> list[Policy]:
    """Give the policies that have something to say about the request's action."""
    visited = [visit.policy.policy for said in decision.layers for visit in said.visited]
    return list({id(policy): policy for policy in visited}.values())


def policies_to_remark_on(decision: Decision) -> list[Policy]:
    """What allowed, for an allow; else all there are: a defect may be why nothing matched."""
    return asked_policies(decision) if decision.allowed else attached_policies(decision)


def _endpoint_notes(decision: Decision) -> Iterator[Finding]:
    """R-FLOW-05."""
    layer = decision.layer(Layer.VPC_ENDPOINT_POLICY)
    attached = decision.stack.policies(Layer.VPC_ENDPOINT_POLICY)
    if attached and layer.reason == "no_endpoint":
        yield Finding(
            "PE1402",
            Severity.NOTE,
            "a VPC endpoint policy is given, but the request does not come through an endpoint",
            attached[0].policy.location(attached[0].policy.pointer),
            help="give `aws:SourceVpce` in the context if it does",
        )
    if layer.reason in ("none", "not_given") and not isinstance(
        decision.request.context["aws:SourceVpce"], Presence
    ):
        yield Finding(
            "PE1403",
            Severity.NOTE,
            "the request comes through a VPC endpoint of which no policy is given: its default "
            "policy, full access, is assumed",
        )


def _statement_notes(decision: Decision, ref: StatementRef, outcome: Outcome) -> Iterator[Finding]:
    yield from _principal_notes(decision, ref, outcome)
    context = decision.request.context
    for template, pointer in _templates(ref.statement):
        for variable in template.variables:
            if variable.default is None and context[variable.key] is ABSENT:
                yield Finding(
                    "PE1407",
                    Severity.NOTE,
                    f"the variable `${{{variable.key}}}` has no value in this request, so the text "
                    "that holds it matches nothing",
                    ref.policy.policy.location(pointer),
                    help=f"give a default where that is not meant: `${{{variable.key}, 'none'}}`",
                )
    for clause in ref.statement.condition:
        values = context[clause.key]
        if (
            isinstance(values, tuple)
            and len(values) > 1
            and not clause.operator.quantifier
            and clause.operator.name != "Null"
        ):
            yield Finding(
                "PE1406",
                Severity.WARNING,
                f"`{clause.key}` has several values in this request, and `{clause.operator.text}` "
                "has no ForAllValues or ForAnyValue: the condition is false",
                ref.policy.policy.location(ref.statement.at_clause(clause)),
                help="say which is meant: `ForAnyValue:` or `ForAllValues:`",
            )


def _templates(statement: Statement) -> Iterator[tuple[Template, str]]:
    """Every text of a statement that may hold variables, with its pointer."""
    if statement.resource is not None:
        element = "NotResource" if statement.resource.negated else "Resource"
        for place, template in enumerate(statement.resource.patterns):
            yield template, statement.at(element, place)
    for clause in statement.condition:
        for place, template in enumerate(clause.values):
            yield template, statement.at_clause(clause, place)


def _principal_notes(decision: Decision, ref: StatementRef, outcome: Outcome) -> Iterator[Finding]:
    element = ref.statement.principal
    if element is None:
        return
    principal = decision.request.principal
    name = "NotPrincipal" if element.negated else "Principal"
    location = ref.policy.policy.location(ref.statement.at(name))
    listed = {pattern.text for pattern in element.patterns}
    if ref.layer is Layer.VPC_ENDPOINT_POLICY and "*" not in listed:
        if ref.policy.endpoint_type is EndpointType.GATEWAY:
            yield Finding(
                "PE1404",
                Severity.WARNING,
                "gateway endpoints match no principal but `*`, and an account as its root user",
                location,
                help='use `"Principal": "*"` and select callers by `aws:PrincipalArn`',
            )
        elif ref.policy.endpoint_type is None:
            yield Finding(
                "PE1405",
                Severity.NOTE,
                "the kind of this endpoint is not given: taken to be an interface endpoint",
                location,
                help="a gateway endpoint (S3, DynamoDB) would not match a named principal",
            )
    if not element.negated or ref.statement.effect is not Effect.DENY:
        return
    # R-MATCH-09
    if principal.kind is PrincipalKind.ROLE_SESSION and any(
        ":role/" in text and names_of(principal).get(text) for text in listed
    ):
        yield Finding(
            "PE1408",
            Severity.WARNING,
            "NotPrincipal lists the role, which does not exempt its sessions",
            location,
            help="NotPrincipal needs each session's ARN; use ArnNotEquals with aws:PrincipalArn",
        )
    account = {
        principal.account,
        f"arn:{principal.partition}:iam::{principal.account}{ROOT_SUFFIX}",
    }
    if principal.text in listed and not account & listed and outcome is Outcome.PRINCIPAL_DIFFERS:
        yield Finding(
            "PE1409",
            Severity.WARNING,
            "NotPrincipal lists the caller but not its account",
            location,
            help="list the account's ARN too; some services deny the whole account without it",
        )


def _star_notes(decision: Decision, layer: LayerDecision) -> Iterator[Finding]:
    """R-MATCH-04: the request has no resource, and the only Allow names ARNs."""
    if decision.request.resource.text != "*" or layer.refs(Effect.ALLOW):
        return
    service = decision.request.action.service
    for ref in layer.refs(Effect.ALLOW, Outcome.RESOURCE_DIFFERS):
        resource = ref.statement.resource
        if resource is None or resource.negated:
            continue
        for place, template in enumerate(resource.patterns):
            arn_of_service = template.text.split(":")[2:3] == [service]
            if arn_of_service and template.pieces != (Wildcard.ANY_RUN,):
                yield Finding(
                    "PE1410",
                    Severity.NOTE,
                    f"`{decision.request.action}` on `*` is not covered by this ARN, but AWS may "
                    "authorize this call against an ARN",
                    ref.policy.policy.location(ref.statement.at("Resource", place)),
                )
