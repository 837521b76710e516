"""ARNs: PE02xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE0201",
        ERROR,
        "missing colon in an ARN",
        "An ARN has six parts, and a part that is empty still has its colon. IAM has no "
        "region, so two colons follow `iam`; S3 buckets have neither region nor account, so "
        "three follow `s3`. In a policy such a pattern matches nothing of what was meant, "
        "which is why it is only a warning there.",
        wrong="arn:aws:iam:123456789012:user/username",
        right="arn:aws:iam::123456789012:user/username",
        rules="R-ARN-03, R-MATCH-03",
    ),
    diagnostic(
        "PE0202",
        ERROR,
        "account id in place of the region",
        "The fourth part of an ARN is the region, the fifth the account. Here the account "
        "stands in the fourth.",
        wrong="arn:aws:sqs:123456789012:eu-west-1:orders",
        right="arn:aws:sqs:eu-west-1:123456789012:orders",
        rules="R-ARN-03",
    ),
    diagnostic(
        "PE0203",
        ERROR,
        "account id with the wrong number of digits",
        "An account id has twelve digits, leading zeros included, and no hyphens. "
        "Spreadsheets and YAML drop leading zeros. A pattern with any other number matches "
        "no resource.",
        wrong="arn:aws:sqs:eu-west-1:22223333444:orders",
        right="arn:aws:sqs:eu-west-1:022223333444:orders",
        rules="R-ARN-03",
    ),
    diagnostic(
        "PE0204",
        ERROR,
        "ARN without `arn:`",
        "Every ARN starts with `arn:` in lower case. A pattern that does not, other than "
        "`*`, matches nothing.",
        wrong="aws:iam::123456789012:role/ci",
        right="arn:aws:iam::123456789012:role/ci",
        rules="R-ARN-03, R-MATCH-03",
    ),
    diagnostic(
        "PE0205",
        ERROR,
        "wrong separator in an ARN",
        "The parts of an ARN are separated by colons. Slashes and colons may follow in the "
        "last part only.",
        wrong="arn/aws/iam//123456789012/role/ci",
        right="arn:aws:iam::123456789012:role/ci",
        rules="R-ARN-03",
    ),
    diagnostic(
        "PE0206",
        ERROR,
        "unknown partition",
        "The second part of an ARN is the partition: `aws`, `aws-cn` for China, `aws-us-gov` "
        "for GovCloud, `aws-iso` and its siblings, `aws-eusc` for the European Sovereign "
        "Cloud.",
        wrong="arn:asw:s3:::logs",
        right="arn:aws:s3:::logs",
        rules="R-ARN-01",
    ),
    diagnostic(
        "PE0207",
        ERROR,
        "bucket ARN with region or account",
        "The name of a bucket is unique without region and account, so the ARNs of buckets "
        "and objects leave both empty. Access points, jobs and Storage Lens configurations "
        "have them.",
        wrong="arn:aws:s3:eu-west-1:222233334444:logs/*",
        right="arn:aws:s3:::logs/*",
        rules="R-ARN-02",
    ),
    diagnostic(
        "PE0208",
        ERROR,
        "service not in lower case",
        "The service of an ARN is written in lower case, and ARNs compare case-sensitively.",
        wrong="arn:aws:S3:::logs",
        right="arn:aws:s3:::logs",
        rules="R-ARN-03",
    ),
    diagnostic(
        "PE0209",
        ERROR,
        "ARN without a resource",
        "Nothing follows the fifth colon. An ARN names something, and a pattern without a "
        "resource matches nothing that has a name.",
        wrong="arn:aws:s3:::",
        right="arn:aws:s3:::logs",
        rules="R-ARN-01",
    ),
    diagnostic(
        "PE0210",
        ERROR,
        "white space in an ARN",
        "White space was copied along. It is part of the text that is compared, so the ARN "
        "or pattern does not match. Only object keys may have blanks in them.",
        wrong="arn:aws:s3:::logs/* (with a blank at the end)",
        right="arn:aws:s3:::logs/*",
        rules="R-ARN-03",
    ),
    diagnostic(
        "PE0211",
        ERROR,
        "ARN with fewer than six parts",
        "In a request this is no ARN. In a policy AWS completes the missing parts with `*` "
        "(identity-based policies and boundaries), refuses the document (session policies, "
        "RCPs, most SCPs), or lets the pattern match nothing (resource-based policies, "
        "unless it has a `*`). Write all six parts.",
        wrong="arn:aws:sqs",
        right="arn:aws:sqs:*:*:*",
        rules="R-MATCH-03",
    ),
    diagnostic(
        "PE0212",
        ERROR,
        "not an ARN",
        "The text has nothing of an ARN. As a Resource it matches nothing.",
        wrong="my-bucket/*",
        right="arn:aws:s3:::my-bucket/*",
        rules="R-ARN-01, R-MATCH-03",
    ),
    diagnostic(
        "PE0213",
        WARNING,
        "policy variable before the fifth colon",
        "Policy variables are replaced only in the last part of an ARN. Before the fifth "
        "colon the value matches nothing.",
        wrong="arn:aws:s3:${aws:RequestedRegion}::logs",
        right="arn:aws:s3:::logs with a condition on aws:RequestedRegion",
        rules="R-MATCH-07",
    ),
    diagnostic(
        "PE0214",
        ERROR,
        "region in an ARN of a service that has none",
        "IAM, STS, Organizations, CloudFront, Route 53 and some more are global: the region "
        "of their ARNs is empty.",
        wrong="arn:aws:iam:us-east-1:123456789012:role/ci",
        right="arn:aws:iam::123456789012:role/ci",
        rules="R-ARN-02",
    ),
    diagnostic(
        "PE0215",
        ERROR,
        "no service in an ARN",
        "The third part of an ARN is the service, in lower-case letters, digits and hyphens.",
        wrong="arn:aws:::logs",
        right="arn:aws:s3:::logs",
        rules="R-ARN-01",
    ),
    diagnostic(
        "PE0216",
        ERROR,
        "not a region",
        "The fourth part of an ARN is a region such as `eu-west-1`, in lower case, or empty.",
        wrong="arn:aws:sqs:EU-WEST-1:123456789012:orders",
        right="arn:aws:sqs:eu-west-1:123456789012:orders",
        rules="R-ARN-01",
    ),
)
