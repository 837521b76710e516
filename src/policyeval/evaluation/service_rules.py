"""Where services differ, as rows with a source; and which callers may not ask at all.

A row says what part the resource policy plays for an action. What differs in principle becomes
a new column, never a branch elsewhere.
"""

from __future__ import annotations

from policyeval.context import PRESENT, UNKNOWN
from policyeval.literals import read_bool
from policyeval.principal import PrincipalKind
from policyeval.request import Request
from policyeval.stack import Organization
from policyeval.value import Value, Word


class ResourcePart(Word):
    """What part the resource policy plays."""

    EITHER = "either"  # same account: an allow on either side is enough (R-FLOW-07)
    TRUST = "trust"  # a role's trust policy must allow (R-FLOW-10)
    KEY = "key"  # a KMS key's policy must allow (R-FLOW-11)
    NONE = "none"  # no resource policy takes part: the identity side alone


class ServiceRule(Value):
    """One row: `owner_only`: no other account may ever call it; `always`: no policy stops it.

    `root_unbound`: the owner's root user passes the resource policy's denies. `any_account`: the
    account that owns the resource does not matter.
    """

    part: ResourcePart = ResourcePart.EITHER
    owner_only: bool = False
    always: bool = False
    root_unbound: bool = False
    any_account: bool = False
    rule: str = ""
    source: str = ""


_COMMON = ServiceRule(source="R-FLOW-07, R-FLOW-09")
_TRUST = ServiceRule(
    ResourcePart.TRUST, rule="R-FLOW-10", source="id_roles_update-role-trust-policy"
)
_KEY = ServiceRule(ResourcePart.KEY, rule="R-FLOW-11", source="kms key-policies")
_OWN_KEY = ServiceRule(
    ResourcePart.KEY,
    owner_only=True,
    rule="R-FLOW-11",
    source="kms key-policy-modifying-external-accounts",
)
_KEYLESS = ServiceRule(ResourcePart.NONE, rule="R-FLOW-11", source="kms iam-policies-overview")
_IAM = ServiceRule(
    ResourcePart.NONE, rule="R-FLOW-10", source="R-FLOW-10: iam actions ignore trust"
)
_BUCKET_POLICY = ServiceRule(
    owner_only=True,
    root_unbound=True,
    rule="R-FLOW-12",
    source="S3 API: PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy",
)
_OWN_QUEUE = ServiceRule(
    owner_only=True, rule="R-FLOW-09", source="sqs-overview-of-managing-access: other accounts"
)
_ALWAYS = ServiceRule(ResourcePart.NONE, always=True, rule="R-FLOW-21", source="STS API")
_ASSUME_ROOT = ServiceRule(
    ResourcePart.NONE, any_account=True, rule="R-FLOW-21", source="STS API: AssumeRoot"
)

TRUST_ACTIONS = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
    }
)

KEYLESS_ACTIONS = frozenset(
    {"kms:createkey", "kms:generaterandom", "kms:listkeys", "kms:listaliases"}
)

ALIAS_ACTIONS = frozenset({"kms:createalias", "kms:deletealias", "kms:updatealias"})

KEY_ACTIONS_ACROSS_ACCOUNTS = frozenset(
    f"kms:{name}"
    for name in (
        "decrypt",
        "encrypt",
        "generatedatakey",
        "generatedatakeypair",
        "generatedatakeypairwithoutplaintext",
        "generatedatakeywithoutplaintext",
        "generatemac",
        "verifymac",
        "derivesharedsecret",
        "reencryptfrom",
        "reencryptto",
        "sign",
        "verify",
        "creategrant",
        "describekey",
        "getkeyrotationstatus",
        "getpublickey",
        "listgrants",
        "retiregrant",
        "revokegrant",
    )
)

RULES: dict[str, ServiceRule] = {
    **dict.fromkeys(TRUST_ACTIONS, _TRUST),
    **dict.fromkeys(KEYLESS_ACTIONS, _KEYLESS),
    **dict.fromkeys(
        ("s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"), _BUCKET_POLICY
    ),
    **dict.fromkeys(
        (
            "sqs:addpermission",
            "sqs:removepermission",
            "sqs:createqueue",
            "sqs:deletequeue",
            "sqs:listqueues",
            "sqs:listqueuetags",
            "sqs:tagqueue",
            "sqs:untagqueue",
            "sqs:setqueueattributes",
            "sqs:startmessagemovetask",
            "sqs:cancelmessagemovetask",
            "sqs:listmessagemovetasks",
        ),
        _OWN_QUEUE,
    ),
    "sts:getcalleridentity": _ALWAYS,
    "sts:getsessiontoken": _ALWAYS,
    "sts:assumeroot": _ASSUME_ROOT,
}

RCP_SERVICES = frozenset(
    [
        "appconfig",
        "appstream",
        "aoss",
        "autoscaling",
        "autoscaling-plans",
        "budgets",
        "clouddirectory",
        "cloudfront",
        "cloudsearch",
        "cloudtrail-data",
        "codeartifact",
        "codebuild",
        "codecommit",
        "codepipeline",
        "cognito-identity",
        "cognito-idp",
        "comprehend",
        "comprehendmedical",
        "compute-optimizer",
        "cost-optimization-hub",
        "dax",
        "dsql",
        "dynamodb",
        "ecr",
        "ecr-public",
        "events",
        "firehose",
        "fis",
        "fms",
        "gamelift",
        "health",
        "inspector-scan",
        "kendra",
        "kinesisvideo",
        "kms",
        "logs",
        "memorydb",
        "networkmonitor",
        "notifications",
        "opensearch",
        "pca-connector-ad",
        "personalize",
        "polly",
        "pricing",
        "resource-groups",
        "rolesanywhere",
        "s3",
        "secretsmanager",
        "servicediscovery",
        "signin",
        "sqs",
        "sts",
        "support",
        "swf",
        "textract",
        "timestream-influxdb",
        "transcribe",
        "transfer",
        "translate",
        "wafv2",
        "workspaces",
        "xray",
    ]
)
"""Services whose resources RCPs reach, as of September 2026 (R-FLOW-04)."""


def rule_for(request: Request) -> ServiceRule:
    """Give the row for a request's action and resource."""
    action = request.action.folded
    row = RULES.get(action)
    if row is not None:
        return row
    if action.startswith("kms:"):
        if ":alias/" in request.resource.text and action in ALIAS_ACTIONS:
            return _KEYLESS  # AWS: an alias has no policy; each key is a request of its own
        return _KEY if action in KEY_ACTIONS_ACROSS_ACCOUNTS else _OWN_KEY
    if action.startswith("iam:"):
        return _IAM
    return _COMMON


class Closure(Word):
    """Why a resource is closed to a caller whatever its policy says (R-FLOW-09)."""

    OTHER_PARTITION = "other_partition"
    OWNER_ONLY = "owner_only"


def closure_of(request: Request, rule: ServiceRule) -> Closure | None:
    """Tell whether the resource is closed to the caller's account; None where it is not."""
    own, other = request.principal.partition, request.resource.partition
    if own and other and own != other:
        return Closure.OTHER_PARTITION
    own_account = request.principal.account and request.same_account
    if rule.owner_only and not own_account:
        return Closure.OWNER_ONLY
    return None


def forbidden_to(request: Request, organization: Organization | None) -> tuple[str, bool]:
    """Give the rule that keeps this kind of caller from the action whatever the policies say.

    Empty where there is none; false beside it where a missing fact decides if it applies.
    """
    kind, action = request.principal.kind, request.action.folded
    service = request.action.service
    if action == "sts:assumeroot" and not _may_assume_root(request, organization):
        return "R-FLOW-21", True
    if kind is PrincipalKind.ROOT_USER and action == "sts:assumerole":
        return "R-FLOW-10", True
    if kind is PrincipalKind.FEDERATED_USER and (
        service == "iam" or (service == "sts" and action != "sts:getcalleridentity")
    ):
        return "R-FLOW-16", True
    if kind is PrincipalKind.ROLE_SESSION and action in (
        "sts:getfederationtoken",
        "sts:getsessiontoken",
    ):
        return "R-FLOW-16", True
    if kind is PrincipalKind.IAM_USER and _has_value(request, "aws:tokenissuetime"):
        return _of_session_token(request)
    return "", True


def _may_assume_root(request: Request, organization: Organization | None) -> bool:
    """From the management or the IAM delegated-administrator account alone, and never by root."""
    if request.principal.kind is PrincipalKind.ROOT_USER:
        return False
    if organization is None or not organization.management_account:
        return True
    administrators = (organization.management_account, *organization.delegated_administrators)
    return request.principal.account in administrators


def _of_session_token(request: Request) -> tuple[str, bool]:
    """A user with temporary credentials has a GetSessionToken session (R-FLOW-16)."""
    action, service = request.action.folded, request.action.service
    if service == "sts" and action not in ("sts:assumerole", "sts:getcalleridentity"):
        return "R-FLOW-16", True
    if service != "iam":
        return "", True
    mfa = request.context["aws:MultiFactorAuthPresent"]
    if mfa is UNKNOWN or mfa is PRESENT:
        return "R-FLOW-16", False
    signed_in = isinstance(mfa, tuple) and len(mfa) == 1 and read_bool(mfa[0]) is True
    return ("", True) if signed_in else ("R-FLOW-16", True)


def _has_value(request: Request, key: str) -> bool:
    return isinstance(request.context.entries.get(key), tuple)
