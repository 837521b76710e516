"""Where each policy of a world hangs, and whom and what it speaks about there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.arn import is_account_id
from policyeval.environment.model import (
    Documents,
    Endpoint,
    Environment,
    Identity,
    OwnedResource,
    PolicyDocument,
    Unit,
)
from policyeval.matching.principal import listed_text
from policyeval.policy import PolicyType, PrincipalPattern, Statement
from policyeval.stack import AttachedPolicy, Layer
from policyeval.testing.expand import POLICY_TESTER
from policyeval.testing.generate.texts import OTHER_ACCOUNT
from policyeval.value import Value

MADE_UP_ACCOUNT = "123456789012"
MOST_CALLERS = 12
BY_AWS = "::aws:policy"
FEDERATED_BY_NAME = "accounts.google.com"
A_SERVICE = "cloudtrail.amazonaws.com"


class Place(Value):
    """One policy where it hangs.

    `at` says where, in words: "at OU Pets". `holders` are the users and roles that an identity
    policy, boundary or session policy is for, by ARN. `accounts` are those below it, for SCPs and
    RCPs; empty where that is not told. `resource` is the ARN of what a resource policy hangs at.
    `use` is the kind of policy that the document is read as.
    """

    layer: Layer
    document: PolicyDocument
    use: PolicyType
    at: str
    holders: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    resource: str = ""
    owner: str = ""
    endpoint: Endpoint | None = None
    session: str = ""


def is_by_aws(document: PolicyDocument) -> bool:
    """Tell whether AWS writes a policy: nobody else can change it."""
    return BY_AWS in document.arn


def places_of(environment: Environment) -> Iterator[Place]:
    """Give every place at which a policy hangs, in the order in which layers are asked."""
    for field, layer, use in _LEVELS:
        for at, accounts, documents in _levels_of(environment, field):
            for document in documents:
                yield Place(layer, document, use, at, accounts=accounts)
    for endpoint in environment.endpoints.values():
        layer, at = Layer.VPC_ENDPOINT_POLICY, f"at VPC endpoint {endpoint.name}"
        for document in endpoint.policy:
            yield Place(layer, document, PolicyType.VPC_ENDPOINT, at, endpoint=endpoint)
    yield from _of_resources(environment)
    yield from _of_identities(environment)
    roles = [each for each in environment.identities.values() if each.kind != "user"]
    holders = tuple(arn_of(each, environment) for each in roles)
    for name, document in environment.sessions.items():
        layer, at = Layer.SESSION_POLICY, "in sessions made under it"
        yield Place(layer, document, PolicyType.SESSION, at, holders, session=name)


def _levels_of(
    environment: Environment, field: str
) -> Iterator[tuple[str, tuple[str, ...], Documents]]:
    """Give the levels of the organization: what it is called, the accounts below, what hangs."""
    organization = environment.organization
    management = organization.management if organization is not None else ""
    for unit in organization.root.walk() if organization is not None else ():
        assert organization is not None
        accounts = tuple(each for each in _accounts_below(unit) if each != management)
        if organization.open and not accounts:
            accounts = _open_accounts(environment)
        at = f"at OU {unit.name}" if unit is not organization.root else "at the root"
        yield at, accounts, getattr(unit, field) or ()
    for account in environment.accounts.values():
        own = (account.id,) if account.id != management else ()
        yield f"at account {account.name}", own, getattr(account, field) or ()


_LEVELS = (
    ("rcps", Layer.RESOURCE_CONTROL_POLICY, PolicyType.RCP),
    ("scps", Layer.SERVICE_CONTROL_POLICY, PolicyType.SCP),
)


def _accounts_below(unit: Unit) -> Iterator[str]:
    for each in unit.walk():
        yield from each.accounts


def _open_accounts(environment: Environment) -> tuple[str, ...]:
    """Of an organization to which every account belongs, those that have a name here."""
    known = [each.id for each in environment.accounts.values()]
    known += [each.account for each in environment.identities.values() if each.account]
    return tuple(dict.fromkeys(known)) or (MADE_UP_ACCOUNT,)


def _of_resources(environment: Environment) -> Iterator[Place]:
    for resource in environment.resources.values():
        for document in resource.policy or ():
            yield Place(
                Layer.RESOURCE_POLICY,
                document,
                PolicyType.RESOURCE,
                f"at resource {resource.name}",
                resource=resource.arn,
                owner=owner_of(resource),
            )
    for identity in environment.identities.values():
        for document in identity.trust or ():
            yield Place(
                Layer.RESOURCE_POLICY,
                document,
                PolicyType.TRUST,
                f"at role {identity.name}",
                resource=arn_of(identity, environment),
                owner=account_of(identity, environment),
            )


def _of_identities(environment: Environment) -> Iterator[Place]:
    for identity in environment.identities.values():
        arn = (arn_of(identity, environment),)
        at = f"at {identity.kind or 'principal'} {identity.name}"
        layer, use = Layer.IDENTITY_POLICY, PolicyType.IDENTITY
        for document in identity.policies or ():
            yield Place(layer, document, use, at, arn)
        for document in identity.boundary or ():
            yield Place(Layer.PERMISSIONS_BOUNDARY, document, PolicyType.BOUNDARY, at, arn)
    for group in environment.groups.values():
        members = tuple(
            arn_of(each, environment)
            for each in environment.identities.values()
            if group.name in each.groups
        )
        for document in group.policies:
            yield Place(
                Layer.IDENTITY_POLICY,
                document,
                PolicyType.IDENTITY,
                f"at group {group.name}",
                members,
            )


def alone(layer: Layer, use: PolicyType, attached: AttachedPolicy) -> Place:
    """Give the place of a policy that is tested on its own."""
    user = POLICY_TESTER.replace(":role/", ":user/")
    named = use in (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION)
    return Place(
        layer,
        PolicyDocument.of(attached),
        use,
        "on its own",
        (POLICY_TESTER, user) if named else (),
        () if named else (MADE_UP_ACCOUNT,),
        POLICY_TESTER.replace("policy-test", "tested") if use is PolicyType.TRUST else "",
        MADE_UP_ACCOUNT,
    )


# ---- who and whose ------------------------------------------------------------------------------


def arn_of(identity: Identity, environment: Environment) -> str:
    """Give an identity's ARN; one that is known by name alone is put into an account as a role."""
    if identity.arn:
        return identity.arn
    account = account_of(identity, environment)
    if identity.permission_set:
        name = f"AWSReservedSSO_{identity.permission_set}_0123456789abcdef"
        return (
            f"arn:{environment.partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/{name}"
        )
    return f"arn:{environment.partition}:iam::{account}:role/{identity.name}"


def account_of(identity: Identity, environment: Environment) -> str:
    """Give an identity's account, or one that is made up."""
    if identity.account:
        return identity.account
    if identity.arn:
        return identity.arn.split(":")[4]
    return next((each.id for each in environment.accounts.values()), MADE_UP_ACCOUNT)


def owner_of(resource: OwnedResource) -> str:
    """Give a resource's account; empty where nothing tells it."""
    if resource.owner:
        return resource.owner
    parts = resource.arn.split(":")
    return parts[4] if len(parts) > 5 and is_account_id(parts[4]) else ""


def callers_at(place: Place, statement: Statement, environment: Environment) -> Iterator[str]:
    """Give principals whose requests the policy is asked about, the likeliest first."""
    everybody = [arn_of(each, environment) for each in environment.identities.values()]
    if place.holders:
        yield from place.holders[:MOST_CALLERS]
        return
    if place.layer is Layer.RESOURCE_POLICY:
        yield from _named(statement, place, environment, everybody)
        return
    if place.layer is Layer.VPC_ENDPOINT_POLICY:
        account = (place.endpoint.account if place.endpoint else "") or MADE_UP_ACCOUNT
        near = sorted(everybody, key=lambda arn: account not in arn)
        yield from near[:MOST_CALLERS]
        yield from _described(statement, [account], environment.partition)
        yield made_up(account, environment.partition)
        yield from _named(statement, place, environment, near)
        return
    if not everybody:
        for account in place.accounts[:1]:
            yield made_up(account, environment.partition)
    below = [arn for arn in everybody if arn.split(":")[4] in place.accounts]
    yield from below[:MOST_CALLERS]
    yield from _described(statement, place.accounts, environment.partition)
    if place.layer is Layer.RESOURCE_CONTROL_POLICY:
        yield from [arn for arn in everybody if arn not in below][:MOST_CALLERS]
        yield made_up(OTHER_ACCOUNT, environment.partition)
        for account in place.accounts[:1]:
            for provider in ("oidc-provider/token.example", "saml-provider/example"):
                yield f"arn:{environment.partition}:iam::{account}:{provider}"
    for account in place.accounts[:2]:
        yield f"arn:{environment.partition}:iam::{account}:root"
        yield made_up(account, environment.partition)


def others_at(place: Place, statement: Statement, environment: Environment) -> Iterator[str]:
    """Give principals of whom some may be none that the statement speaks about."""
    if place.holders:
        yield from place.holders[:MOST_CALLERS]
        return
    for identity in environment.identities.values():
        yield arn_of(identity, environment)
    account = place.owner or next(iter(place.accounts), MADE_UP_ACCOUNT)
    yield from _described(statement, [account], environment.partition)
    yield made_up(account, environment.partition)
    yield made_up(OTHER_ACCOUNT, environment.partition)
    if place.layer in (Layer.RESOURCE_POLICY, Layer.RESOURCE_CONTROL_POLICY):
        yield A_SERVICE
        yield "*"


def made_up(account: str, partition: str) -> str:
    """Give a role that nobody has."""
    return f"arn:{partition or 'aws'}:iam::{account}:role/policy-test"


def _described(statement: Statement, accounts: Iterable[str], partition: str) -> Iterator[str]:
    """Give roles and users with ARNs that conditions on aws:PrincipalArn name."""
    account = next(iter(accounts), "")
    if not account:
        return
    for clause in statement.condition:
        if clause.key.lower() == "aws:principalisawsservice":
            yield A_SERVICE
        if clause.key.lower().startswith(("aws:principalservicename", "aws:federatedprovider")):
            yield from (value.text for value in clause.values[:2] if _is_host(value.text))
        if clause.key.lower() != "aws:principalarn":
            continue
        for template in clause.values[:MOST_CALLERS]:
            text = "".join(p if isinstance(p, str) else "*" for p in template.pieces)
            fields = text.split(":", 5)
            if len(fields) == 6 and fields[2] in ("iam", "sts", "*"):
                who = fields[4] if is_account_id(fields[4]) else account
                name = fields[5].replace("*", "any")
                name = name if name.startswith(("user/", "role/", "assumed-role/")) else "role/any"
                service = "sts" if name.startswith("assumed-role/") else "iam"
                yield f"arn:{partition}:{service}::{who}:{name}"


def _is_host(text: str) -> bool:
    """Tell whether a text can be a service principal, or the name of an identity provider."""
    return "." in text and text.replace(".", "").replace("-", "").isalnum()


def _named(
    statement: Statement, place: Place, environment: Environment, everybody: list[str]
) -> Iterator[str]:
    element = statement.principal
    if element is None or element.negated:
        yield from everybody[:MOST_CALLERS]
        yield made_up(place.owner or MADE_UP_ACCOUNT, environment.partition)
        yield made_up(OTHER_ACCOUNT, environment.partition)
        return
    for pattern in element.patterns[:MOST_CALLERS]:
        yield from _named_by(pattern, statement, place, environment, everybody)


def _named_by(
    pattern: PrincipalPattern,
    statement: Statement,
    place: Place,
    environment: Environment,
    everybody: list[str],
) -> Iterator[str]:
    partition = environment.partition
    text = pattern.text
    if pattern.kind == "CanonicalUser":
        text = environment.index.canonical_users.get(text, "")
    elif listed_text(pattern) == "*":
        owner = place.owner or MADE_UP_ACCOUNT
        yield from sorted(everybody, key=lambda arn: owner not in arn)[:MOST_CALLERS]
        yield from _described(statement, [owner], partition)
        yield made_up(owner, partition)
        yield made_up(OTHER_ACCOUNT, partition)
        yield "*"
        return
    elif pattern.kind == "Federated" and text == "*":
        text = FEDERATED_BY_NAME
    elif pattern.kind == "Service" and text == "*":
        text = "ec2.amazonaws.com"
    account = text if is_account_id(text) else ""
    if text.endswith(":root") and text.count(":") == 5:
        account = text.split(":")[4]
    if account:
        yield from [arn for arn in everybody if arn.split(":")[4] == account][:MOST_CALLERS]
        yield from _described(statement, [account], partition)
        yield made_up(account, partition)
    if text:
        yield text
