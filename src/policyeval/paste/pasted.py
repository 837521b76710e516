"""What was read from a text that somebody pasted: facts of one request, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.claim import Claim
from policyeval.context import Facts
from policyeval.errors import InvalidRequestError
from policyeval.finding import Finding
from policyeval.request import Request
from policyeval.value import Value, Word


class PasteKind(Word):
    """What the text turned out to be, in the words that output uses."""

    MESSAGE = "error message"
    CLOUDTRAIL = "CloudTrail event"
    DECODED = "decoded authorization message"
    DETAILS = "authorization details"


class Pasted(Value):
    """The facts of one request, as far as a text tells them.

    `principal`, `action` and `resource` are texts for `Request.of`; empty where the text does not
    tell. `context` maps condition keys to values, None for a key that the text shows to be absent;
    what stands in neither is unknown. `origins` tells where a fact was read, by its name
    (`principal`, `action`, `resource`, a condition key): "userIdentity.arn". `rebuilt` names the
    facts that were put together from parts and may be wrong ("resource"). `name` is what output
    calls this one where several were pasted (an event id). `findings` are remarks on the text.
    `also` tells in words why a request is one of several that the same call makes. `operation`
    and `service` are the API call as an SDK words it ("ListObjectsV2", "S3"), where told.
    """

    kind: PasteKind
    principal: str = ""
    action: str = ""
    resource: str = ""
    context: Mapping[str, Any] = {}
    claim: Claim | None = None
    resource_account: str = ""
    issuer: str = ""
    name: str = ""
    origins: Mapping[str, str] = {}
    rebuilt: frozenset[str] = frozenset()
    also: str = ""
    findings: tuple[Finding, ...] = ()
    operation: str = ""
    service: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the parts of a request that the text does not tell."""
        parts = ("principal", "action", "resource")
        return tuple(part for part in parts if not getattr(self, part))

    def to_request(self, facts: Facts = Facts.PARTIAL) -> Request:
        """Give the request; raises InvalidRequestError where a part of it is missing."""
        if self.missing:
            raise InvalidRequestError(
                f"the {self.kind.value} does not tell the {' and the '.join(self.missing)}"
            )
        return Request.of(
            self.principal,
            self.action,
            self.resource,
            self.context,
            resource_account=self.resource_account or None,
            issuer=self.issuer,
            facts=facts,
        )


class NotMapped(Value):
    """A record that makes no request that policies decide, or one that cannot be told; and why.

    `by_nature`: true where the record is no call that IAM authorizes (a console sign-in, an event
    of a service), false where it is one and a fact is missing or not understood.
    """

    kind: PasteKind
    reason: str
    by_nature: bool = False
    name: str = ""
    findings: tuple[Finding, ...] = ()
