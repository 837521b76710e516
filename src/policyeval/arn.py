"""The ARN of something that exists; made by `policyeval.parsing.arn.parse_arn`."""

from __future__ import annotations

from policyeval.value import Value

PARTITIONS = (
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
)


class Arn(Value):
    """`arn:partition:service:region:account:resource`, split at the first five colons (R-ARN-01).

    `region` and `account` may be empty; `resource` may hold colons and slashes. `str(arn)` gives
    back the very text.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def is_account_id(text: str) -> bool:
    """Tell whether the text is an AWS account id: twelve ASCII digits."""
    return len(text) == 12 and text.isascii() and text.isdigit()
