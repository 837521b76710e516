"""Mutants of attachments: the boundary, one organization level's SCP, the endpoint policy gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.environment.builtin import (
    ARNS,
    DEFAULT_ENDPOINT_POLICY,
    FULL_ACCESS,
    attach_built_in,
)
from policyeval.explanation.changes import is_by_aws
from policyeval.stack import AttachedPolicy, Layer, PolicyStack
from policyeval.testing.mutation.model import Attachment, Change, Mutant, Operator
from policyeval.value import replace

DETACHED = (
    Layer.SERVICE_CONTROL_POLICY,
    Layer.VPC_ENDPOINT_POLICY,
    Layer.PERMISSIONS_BOUNDARY,
)
"""The layers that restrict whole principals, accounts and networks: easily lost by accident."""


def is_own(attached: AttachedPolicy) -> bool:
    """Tell whether a policy is the user's own: AWS's cannot be changed."""
    built_in = attached.name in ARNS and attached.policy.source.text is None
    return not built_in and not is_by_aws(attached)


def attachments_of(stacks: Iterable[PolicyStack]) -> Iterator[tuple[Attachment, AttachedPolicy]]:
    """Give what can be detached in some stacks, each once."""
    seen: set[Attachment] = set()
    for stack in stacks:
        for layer in DETACHED:
            for attached in stack.policies(layer):
                found = Attachment(layer, attached.name, attached.attached_to)
                if found not in seen and is_own(attached):
                    seen.add(found)
                    yield found, attached


def detach_mutant(attachment: Attachment, attached: AttachedPolicy) -> Mutant:
    """Give the mutant in which the policy does not hang there."""
    change = Change("detach", "", attachment.name, attachment.attached_to)
    location = attached.policy.location(attached.policy.pointer)
    return Mutant(
        Operator.DETACH,
        change,
        attached.policy,
        attached.name,
        (),
        location,
        attachment=attachment,
    )


def hangs(attachment: Attachment, stack: PolicyStack) -> bool:
    """Tell whether a stack has the attachment."""
    return any(_is(attached, attachment) for attached in stack.policies(attachment.layer))


def detached(stack: PolicyStack, attachment: Attachment) -> PolicyStack:
    """Give the stack without the policy there, as AWS leaves it.

    A level of SCPs keeps FullAWSAccess where it was the last (AWS demands one), and an endpoint
    its default policy.
    """
    layer = attachment.layer
    levels = []
    for level in stack.layers[layer]:
        kept = tuple(attached for attached in level if not _is(attached, attachment))
        if not kept and kept != level:
            kept = tuple(_instead(level[0], layer))
        levels.append(kept)
    if layer is Layer.PERMISSIONS_BOUNDARY:
        levels = [level for level in levels if level]
    return replace(stack, layers={**stack.layers, layer: tuple(levels)})


def _instead(gone: AttachedPolicy, layer: Layer) -> Iterator[AttachedPolicy]:
    if layer is Layer.SERVICE_CONTROL_POLICY:
        yield attach_built_in(FULL_ACCESS, gone.attached_to)
    elif layer is Layer.VPC_ENDPOINT_POLICY:
        default = attach_built_in(DEFAULT_ENDPOINT_POLICY, gone.attached_to)
        yield replace(default, endpoint_type=gone.endpoint_type)


def _is(attached: AttachedPolicy, attachment: Attachment) -> bool:
    return (attached.name, attached.attached_to) == (attachment.name, attachment.attached_to)
