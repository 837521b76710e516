"""The world that a request is asked in: who there is, what there is, which policies hang where.

An `Environment` never changes: what-if questions get a new one from `with_policy` and its kin. It
does no I/O of its own; a policy is read by the `Reader` that its loader gave it, when a request
first needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from policyeval.environment.builtin import ARNS, built_in_policy
from policyeval.finding import Finding
from policyeval.policy import Policy
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, EndpointType, Layer, PolicyStack
from policyeval.value import Value, fill_cache, replace

if TYPE_CHECKING:
    from policyeval.environment.index import Index

Read = tuple[Policy | None, tuple[Finding, ...]]
Reader = Callable[[], Read]
ContextSet = Mapping[str, str | tuple[str, ...] | None]
"""Condition keys with a value, several values, or None for absent."""


ANY_TAG = "*"  # among `unknown_tags`: every tag that `tags` does not tell


class PolicyDocument(Value):
    """A policy by its name; the text is read once, when somebody first asks.

    `name` is what output calls it, `arn` is empty where it has none.
    """

    name: str
    reader: Reader
    arn: str = ""
    _read: Read | None = None

    @staticmethod
    def of(policy: Policy | AttachedPolicy | PolicyDocument) -> PolicyDocument:
        """Give the document of a policy that has been read already."""
        if isinstance(policy, PolicyDocument):
            return policy
        if isinstance(policy, AttachedPolicy):
            return PolicyDocument(policy.name, Given(policy.policy), policy.arn)
        return PolicyDocument(policy.source.name, Given(policy))

    @property
    def policy(self) -> Policy | None:
        """The policy; None where it cannot be evaluated: then what it says is unknown."""
        return self.read()[0]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say about the text."""
        return self.read()[1]

    def read(self) -> Read:
        """Give the policy and its findings."""
        if self._read is None:
            fill_cache(self, "_read", self.reader())
        assert self._read is not None
        return self._read


class Given(Value):
    """Reads a policy that is there already."""

    policy: Policy

    def __call__(self) -> Read:
        """Give the policy."""
        return self.policy, self.policy.findings


def built_in_document(name: str) -> PolicyDocument:
    """Give a policy that AWS attaches by itself, by its name."""
    return PolicyDocument(name, Given(built_in_policy(name)), ARNS[name])


Documents = tuple[PolicyDocument, ...]
"""The policies that hang at one place. Where a field may be None, None is: nothing was given."""


class Account(Value):
    """An account, with what hangs at it as the last level of its organization.

    `default_scp`: FullAWSAccess hangs here too unless the policies given allow something
    themselves (the folder convention).
    """

    name: str
    id: str
    tags: Mapping[str, str] = {}
    scps: Documents | None = None
    rcps: Documents | None = None
    canonical_user: str = ""
    default_scp: bool = False


class Unit(Value):
    """An organization's root, or one of its organizational units.

    `accounts` are ids; `default_scp` as at accounts.
    """

    name: str
    id: str = ""
    scps: Documents | None = None
    rcps: Documents | None = None
    units: tuple[Unit, ...] = ()
    accounts: tuple[str, ...] = ()
    default_scp: bool = False

    def walk(self) -> Iterator[Unit]:
        """Give this unit and all below it."""
        yield self
        for unit in self.units:
            yield from unit.walk()


class OrganizationTree(Value):
    """An organization. `open`: every account is a member, and hangs at the root.

    `partial`: accounts that stand nowhere in it are perhaps members too.
    """

    id: str
    management: str
    root: Unit
    open: bool = False
    partial: bool = False


class Identity(Value):
    """An IAM user or role.

    `arn` is empty for one that is known by name alone (the folder convention): it may be in
    `account`, or in any where that is empty too. `permission_set`: stands for the role that
    Identity Center makes of the set with this name. `unknown_tags` are keys of tags that it may
    have, with values that nobody told (R-FLOW-20).
    """

    name: str
    arn: str = ""
    account: str = ""
    policies: Documents | None = None
    groups: tuple[str, ...] = ()
    boundary: Documents | None = None
    trust: Documents | None = None
    tags: Mapping[str, str] = {}
    permission_set: str = ""
    unknown_tags: tuple[str, ...] = ()

    @property
    def bare_name(self) -> str:
        """The name of the user or role without its path."""
        return self.arn.rpartition("/")[2] if self.arn else self.name

    @property
    def kind(self) -> str:
        """`user` or `role`; empty where that is not known."""
        return self.arn.partition("/")[0].rpartition(":")[2]


class Group(Value):
    """An IAM group."""

    name: str
    policies: Documents = ()


class OwnedResource(Value):
    """A resource; `owner` is the id of its account, empty where unknown.

    `unknown_tags` as at identities.
    """

    name: str
    arn: str
    owner: str = ""
    policy: Documents | None = None
    tags: Mapping[str, str] = {}
    region: str = ""
    aliases: tuple[str, ...] = ()
    encryption_key: str = ""
    unknown_tags: tuple[str, ...] = ()


class Endpoint(Value):
    """A VPC endpoint. `policy` is never None: without one AWS attaches the default policy."""

    name: str
    id: str
    policy: Documents = ()
    vpc: str = ""
    account: str = ""
    service: str = ""
    type: EndpointType | None = None


class Environment(Value):
    """Everything known about the world of a request. A `PolicySource`: `evaluate` takes it.

    The mappings go by short name. `complete` names layers that are fully listed: of the others,
    "none found" is an assumption that every answer names (R-FLOW-20). `session` are the session
    policies that requests are made under, None where nothing was said of them; `sessions` are
    policies that may become that by name. `unplaced` are broken resource policies of which nobody
    can tell whose they are: perhaps of any resource that has no entry. `load_findings` are the
    remarks on the environment's own text.
    """

    name: str = "environment"
    partition: str = "aws"
    organization: OrganizationTree | None = None
    accounts: Mapping[str, Account] = {}
    identities: Mapping[str, Identity] = {}
    groups: Mapping[str, Group] = {}
    resources: Mapping[str, OwnedResource] = {}
    endpoints: Mapping[str, Endpoint] = {}
    contexts: Mapping[str, ContextSet] = {}
    complete: frozenset[Layer] = frozenset()
    sessions: Mapping[str, PolicyDocument] = {}
    session: Documents | None = None
    unplaced: Documents = ()
    load_findings: tuple[Finding, ...] = ()
    _index: Index | None = None
    _stacks: dict[Any, Any] | None = None
    _queries: Any = None

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Give the request with the facts known here, and the policies that apply to it."""
        from policyeval.environment.assemble import resolve

        return resolve(self, request)

    @property
    def index(self) -> Index:
        """The entries by the names that requests use."""
        if self._index is None:
            from policyeval.environment.index import Index

            fill_cache(self, "_index", Index(self))
        assert self._index is not None
        return self._index

    @property
    def documents(self) -> Documents:
        """Every policy of the environment, each once."""
        found: dict[int, PolicyDocument] = {}
        for document, _ in self.placed():
            found.setdefault(id(document), document)
        return tuple(found.values())

    def placed(self) -> Iterator[tuple[PolicyDocument, Layer | None]]:
        """Give the policies of every place, and the layer that each is of there; None: of none."""
        for documents, layer in self._places():
            for document in documents or ():
                yield document, layer

    def _places(self) -> Iterator[tuple[Documents | None, Layer | None]]:
        """Give what hangs at each place."""
        units = self.organization.root.walk() if self.organization else ()
        for place in (*units, *self.accounts.values()):
            yield place.scps, Layer.SERVICE_CONTROL_POLICY
            yield place.rcps, Layer.RESOURCE_CONTROL_POLICY
        for identity in self.identities.values():
            yield identity.policies, Layer.IDENTITY_POLICY
            yield identity.boundary, Layer.PERMISSIONS_BOUNDARY
            yield identity.trust, Layer.RESOURCE_POLICY
        for group in self.groups.values():
            yield group.policies, Layer.IDENTITY_POLICY
        for resource in self.resources.values():
            yield resource.policy, Layer.RESOURCE_POLICY
        for endpoint in self.endpoints.values():
            yield endpoint.policy, Layer.VPC_ENDPOINT_POLICY
        yield tuple(self.sessions.values()), Layer.SESSION_POLICY
        yield self.session, Layer.SESSION_POLICY
        yield self.unplaced, None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All remarks on the environment and its policies. Reads every policy."""
        found = dict.fromkeys(self.load_findings)
        for document in self.documents:
            found.update(dict.fromkeys(document.findings))
        return tuple(found)

    # ---- names --------------------------------------------------------------------------

    def principal_arn(self, text: str) -> str:
        """Give the ARN that a short name means: `deploy`, `role/deploy`, `deploy/session`.

        ARNs, account ids, service principals, providers and `*` come back as they are. Raises
        InvalidRequestError for a name that is unknown, or that several principals have.
        """
        from policyeval.environment.names import principal_arn

        return principal_arn(self, text)

    def resource_arn(self, text: str) -> str:
        """Give the ARN that a short name means: `logs`, `logs/app.log`, `s3://logs/app.log`.

        ARNs and `*` come back as they are. Raises InvalidRequestError for a name that is unknown,
        or that several resources have.
        """
        from policyeval.environment.names import resource_arn

        return resource_arn(self, text)

    def context(self, name: str) -> dict[str, Any]:
        """Give a named context, for `Request.of`; raises InvalidRequestError if there is none."""
        from policyeval.environment.names import named_context

        return named_context(self, name)

    # ---- what if ------------------------------------------------------------------------

    def with_session_policies(
        self, policies: Iterable[Policy | AttachedPolicy | PolicyDocument | str]
    ) -> Environment:
        """Give an environment whose requests are made under these session policies.

        A string names one of `sessions`; raises InvalidRequestError where there is none such.
        """
        from policyeval.environment.names import session_policy

        documents = tuple(
            session_policy(self, item) if isinstance(item, str) else PolicyDocument.of(item)
            for item in policies
        )
        return replace(self, session=documents)

    def with_policies(
        self,
        layer: Layer,
        holder: str,
        policies: Iterable[Policy | AttachedPolicy | PolicyDocument],
    ) -> Environment:
        """Give an environment in which these and no other policies of a layer hang at a holder.

        `holder` is a principal, `@group-NAME`, a resource, a role for its trust policy, a VPC
        endpoint, or for SCPs and RCPs `@root`, `@UNIT` or `@ACCOUNT`. An ARN that is not known
        yet gets an entry. Raises InvalidRequestError for a name that is unknown.
        """
        from policyeval.environment.edit import with_documents

        return with_documents(self, layer, holder, tuple(map(PolicyDocument.of, policies)))

    def with_policy(
        self, layer: Layer, holder: str, policy: Policy | AttachedPolicy | PolicyDocument
    ) -> Environment:
        """Give an environment with one policy more, or with another text of one of that name."""
        from policyeval.environment.edit import documents_at

        new = PolicyDocument.of(policy)
        others = [old for old in documents_at(self, layer, holder) if old.name != new.name]
        return self.with_policies(layer, holder, [*others, new])

    def without(self, layer: Layer, holder: str, name: str = "") -> Environment:
        """Give an environment without a holder's policy of that name; without a name: all."""
        from policyeval.environment.edit import documents_at

        kept = [old for old in documents_at(self, layer, holder) if name and old.name != name]
        return self.with_policies(layer, holder, kept)
