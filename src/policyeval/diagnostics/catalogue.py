"""What the action catalogue has to say: PE1601 to PE1649."""

from __future__ import annotations

from policyeval.diagnostics.page import NOTE, WARNING, diagnostic

_OLDER = (
    "AWS adds services, actions and keys every week, and the catalogue is of the day that "
    "the message names: what is newer than that is no mistake. `policyeval --version` tells the "
    "date, docs/catalogue.md where it comes from. The decision does not depend on it."
)

PAGE = (
    diagnostic(
        "PE1601",
        NOTE,
        "the action catalogue is not there",
        "The list of AWS's services, actions, resource types and condition keys is a file inside "
        "the installed package, and it is missing. Decisions are the same without it: only the "
        "remarks on actions and condition keys that do not exist are left out. Installing "
        "policyeval again brings it back.",
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE1602",
        WARNING,
        "the action catalogue is damaged",
        "The list of AWS's services, actions, resource types and condition keys is a file inside "
        "the installed package, and it cannot be read as it stands. Decisions are the same "
        "without it. Installing policyeval again replaces it; `python tools/refresh_catalogue.py` "
        "in a checkout makes a new one.",
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE1603",
        WARNING,
        "no service of the catalogue",
        "What stands before the colon of an action is the prefix of a service, and no service of "
        f"the action catalogue has this one. A pattern with it matches no request. {_OLDER}",
        wrong='"Action": "cloudwatchlogs:PutLogEvents"',
        right='"Action": "logs:PutLogEvents"',
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE1604",
        WARNING,
        "no action of the catalogue",
        "The service has no action of this name, or none that the pattern matches: an Allow with "
        "it gives nothing, and a Deny stops nothing. Often the name of an SDK's operation differs "
        "from the action, as ListObjectsV2 does from s3:ListBucket. "
        f"{_OLDER}",
        wrong='"Action": "s3:ListObjects"',
        right='"Action": "s3:ListBucket"',
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE1605",
        WARNING,
        "no condition key of the catalogue",
        "No service lists this condition key. A key that no request carries is absent: a condition "
        "on it does not hold, or always holds where its operator is negated or ends in IfExists. "
        f"{_OLDER}",
        wrong='"s3:prefx": "home/"',
        right='"s3:prefix": "home/"',
        rules="R-COND-01, R-COND-03",
    ),
    diagnostic(
        "PE1606",
        WARNING,
        "no global condition key",
        "Keys that start with `aws:` are AWS's own, and the catalogue has none of this name. No "
        f"request carries it, so the condition never decides as it was meant to. {_OLDER}",
        wrong='"aws:SourceVpcEndpoint": "vpce-0a1b2c3d"',
        right='"aws:SourceVpce": "vpce-0a1b2c3d"',
        rules="R-COND-01, R-COND-03",
    ),
    diagnostic(
        "PE1607",
        WARNING,
        "a condition key that these actions never carry",
        "The key exists, but requests for none of the actions of this statement carry it. A "
        "condition on it does not hold for them, or always holds where its operator is negated or "
        "ends in IfExists. Keys of one service are not in the requests of another, and many keys "
        f"belong to a few actions only. {_OLDER}",
        wrong='"Action": "s3:GetObject", "Condition": {"StringLike": {"s3:prefix": "home/*"}}',
        right='"Action": "s3:ListBucket", "Condition": {"StringLike": {"s3:prefix": "home/*"}}',
        rules="R-COND-03",
    ),
    diagnostic(
        "PE1608",
        WARNING,
        "an operator that does not fit the key",
        "The key has a type, and the operator compares values of another one: a number against a "
        "text that is none never matches, and a date compared as text is equal only where it is "
        f"written the same. {_OLDER}",
        wrong='"StringEquals": {"aws:CurrentTime": "2026-05-01T00:00:00Z"}',
        right='"DateLessThan": {"aws:CurrentTime": "2026-05-01T00:00:00Z"}',
        rules="R-COND-02",
    ),
    diagnostic(
        "PE1609",
        WARNING,
        "a Resource that none of the actions is asked for on",
        "Each action is authorized against resources of certain types, whose ARNs have a certain "
        "form. This pattern can match no such ARN. It is a warning where the statement has no "
        f"other Resource, since then it does nothing at all; else a note. {_OLDER}",
        wrong='"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports"',
        right='"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"',
        rules="R-MATCH-02, R-MATCH-04",
    ),
    diagnostic(
        "PE1610",
        WARNING,
        "an action that none of the Resources fits",
        "Other actions of the statement are asked for on these resources, this one is not: the "
        "statement never speaks about it. It is a warning where `/*` at the end of a Resource makes "
        f"the difference, as between a bucket and its objects; else a note. {_OLDER}",
        wrong='"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "arn:aws:s3:::reports"',
        right='"Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]',
        rules="R-MATCH-02, R-MATCH-04",
    ),
    diagnostic(
        "PE1611",
        NOTE,
        "an action without resource-level permissions beside ARNs",
        "The action is not about one resource, so AWS asks for it on `*`, and no ARN pattern "
        "matches that. Some services pass an ARN all the same; which ones, AWS does not say "
        f"everywhere. {_OLDER}",
        wrong='"Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::reports"',
        right='"Action": "s3:ListAllMyBuckets", "Resource": "*"',
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1612",
        NOTE,
        "a request with an ARN for an action that has no resource",
        "The action has no resource-level permissions: AWS asks for it on `*`. Asked for on an "
        "ARN, a policy with that ARN seems to allow what AWS denies. Some services pass an ARN "
        f"all the same. {_OLDER}",
        wrong="policyeval can ana s3:ListAllMyBuckets arn:aws:s3:::reports",
        right="policyeval can ana s3:ListAllMyBuckets '*'",
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1613",
        NOTE,
        "a request without a resource for an action that needs one",
        "AWS asks for this action on a resource. Asked for on `*`, only policies match whose "
        f"Resource is `*`, and those that name the resource seem to deny. {_OLDER}",
        wrong="policyeval can ana s3:GetObject '*'",
        right="policyeval can ana s3:GetObject arn:aws:s3:::reports/a.csv",
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1614",
        NOTE,
        "a request with an ARN of another type",
        "AWS asks for this action on resources of certain types, and the ARN of the request has "
        f"none of their forms: it is a request that AWS is not likely to make. {_OLDER}",
        wrong="policyeval can ana s3:GetObject arn:aws:s3:::reports",
        right="policyeval can ana s3:GetObject arn:aws:s3:::reports/a.csv",
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1615",
        NOTE,
        "not all is checked against the catalogue",
        "A policy with more than 1,000 statements and a statement with more than 10,000 actions, "
        "or 1,000 resources or conditions, are not checked against the action catalogue, and of "
        "each policy the first 500 remarks are given. "
        "AWS takes no policy of that size; the decision is made from all of it.",
        rules="R-LANG-10",
    ),
)
