"""The forms of exports, by the words of `policyeval convert --from`."""

from __future__ import annotations

RESOURCE_POLICY = "resource"

FORMS = {
    "gaad": "aws iam get-account-authorization-details",
    "org": "aws organizations list-roots, list-accounts, describe-policy and others",
    "endpoints": "aws ec2 describe-vpc-endpoints",
    RESOURCE_POLICY: "aws s3api get-bucket-policy, kms get-key-policy and others, by file name",
    "config": "AWS Config snapshots, histories and query results",
    "tfplan": "terraform show -json",
    "cfn": "CloudFormation templates",
}

OF_MEMBERS = {
    **dict.fromkeys(("UserDetailList", "GroupDetailList", "RoleDetailList"), "gaad"),
    **dict.fromkeys(
        ("Organization", "Roots", "OrganizationalUnits", "OrganizationalUnit", "Accounts"), "org"
    ),
    **dict.fromkeys(("Account", "Parents", "Targets", "Policy"), "org"),
    "VpcEndpoints": "endpoints",
    **dict.fromkeys(
        ("configurationItems", "Results", "BaseConfigurationItems", "baseConfigurationItems"),
        "config",
    ),
    **dict.fromkeys(("planned_values", "resource_changes", "terraform_version"), "tfplan"),
    "Resources": "cfn",
}
"""The member by which a form is recognised. `Policies` has two forms, and does not tell."""
