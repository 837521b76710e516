"""Tables of CloudTrail events: which field is which condition key, and what is no API call.

Sources, pages of the CloudTrail User Guide: "CloudTrail record contents" [record], "CloudTrail
userIdentity element" [identity], "Non-API events captured by CloudTrail" [non-api]; of the IAM
User Guide: "AWS global condition context keys" [keys].
"""

from __future__ import annotations

from policyeval.value import Value, Word


class Reading(Word):
    """How a field becomes the value of a key."""

    TEXT = "as it is"
    TRUE = "only `true`"
    INSTANT = "as an instant, in UTC"
    EPOCH = "as seconds since 1970"
    USER_ID = "if it has the form of the caller's kind"


class FieldRow(Value):
    """One field of an event and the condition key that it tells.

    `certainty`: H documented, M documented in part. `types` are the types of userIdentity for which
    the row holds, all if empty.
    """

    field: str
    key: str
    certainty: str
    rule: str
    source: str
    reading: Reading = Reading.TEXT
    types: tuple[str, ...] = ()


_SESSION = "userIdentity.sessionContext"
_TEMPORARY = ("AssumedRole", "Role", "FederatedUser", "IAMUser", "Root")

FIELD_ROWS = (
    FieldRow("eventTime", "aws:CurrentTime", "M", "R-CTX-04", "record", Reading.INSTANT),
    FieldRow("eventTime", "aws:EpochTime", "M", "R-CTX-04", "record", Reading.EPOCH),
    FieldRow("awsRegion", "aws:RequestedRegion", "M", "R-CTX-04", "record"),
    FieldRow(
        "userIdentity.principalId",
        "aws:userid",
        "H",
        "R-CTX-01",
        "identity",
        Reading.USER_ID,
        ("IAMUser", "AssumedRole", "Role"),
    ),
    FieldRow(
        f"{_SESSION}.attributes.creationDate",
        "aws:TokenIssueTime",
        "H",
        "R-CTX-01",
        "identity",
        Reading.INSTANT,
        _TEMPORARY,
    ),
    FieldRow(f"{_SESSION}.sourceIdentity", "aws:SourceIdentity", "H", "R-CTX-01", "identity"),
    FieldRow(
        f"{_SESSION}.webIdFederationData.federatedProvider",
        "aws:FederatedProvider",
        "H",
        "R-CTX-01",
        "identity",
        Reading.TEXT,
        ("AssumedRole", "Role"),
    ),
    FieldRow(
        f"{_SESSION}.assumedRoot",
        "aws:AssumedRoot",
        "H",
        "R-CTX-01",
        "identity",
        Reading.TRUE,
        ("Root", "AssumedRole"),
    ),
    FieldRow(f"{_SESSION}.ec2RoleDelivery", "ec2:RoleDelivery", "H", "R-CTX-04", "identity"),
    FieldRow(
        "userIdentity.inScopeOf.sourceArn",
        "aws:SourceArn",
        "M",
        "R-CTX-04",
        "identity",
        Reading.TEXT,
        ("AWSService",),
    ),
    FieldRow(
        "userIdentity.inScopeOf.sourceAccount",
        "aws:SourceAccount",
        "M",
        "R-CTX-04",
        "identity",
        Reading.TEXT,
        ("AWSService",),
    ),
)
"""Fields that tell one key each. The caller's ARN, MFA and the network need more than one field:
see `caller.py`, `session.py`, `network.py`."""

SCOPE_KEYS = {
    "AWS::EC2::Instance": "ec2:SourceInstanceARN",
    "AWS::Lambda::Function": "lambda:SourceFunctionArn",
}
"""The key that userIdentity.inScopeOf.credentialsIssuedTo tells, by its issuerType. [identity]"""

NO_CALLS = {
    "AwsServiceEvent": "an event of the service itself, not a call by anybody",
    "AwsConsoleSignIn": "a sign-in to the console, not an API call",
    "AwsConsoleAction": "an action of a console, not an API call: no IAM action has its name",
    "AwsCloudTrailInsight": "an Insights event: it counts calls, it is none",
}
"""Values of eventType that stand for no API call. [record, non-api]"""

SIGN_IN = "signin"

TOKEN_CALLS = {
    "sso": frozenset(
        {
            "Authenticate",
            "CreateToken",
            "DescribePermissionsPolicies",
            "Federate",
            "GetRoleCredentials",
            "ListAccountRoles",
            "ListAccounts",
            "ListApplications",
            "ListProfilesForApplication",
            "Logout",
            "RegisterClient",
            "StartDeviceAuthorization",
            "UserAuthentication",
        }
    ),
}
"""Calls that carry a token of the sign-in portal and no AWS signature, so no policy decides: "IAM
Identity Center information in CloudTrail" (portal and OIDC operations)."""

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedFault",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Client.AccessDenied",
        "Client.UnauthorizedOperation",
        "UnauthorizedOperation",
        "VpceAccessDenied",
    }
)
"""Values of errorCode that say: policies refuse it (R-MSG-01)."""

PERMITTED = frozenset({"Client.DryRunOperation", "DryRunOperation"})
"""EC2, "DryRun": with the permission the answer is this error, without it UnauthorizedOperation."""

NOT_BY_POLICY = (
    ("IAM user access not activated", "the account has not opened its billing data to IAM users"),
)
"""Messages of AccessDenied that no policy is behind, and what is. [billing, grantaccess]"""
