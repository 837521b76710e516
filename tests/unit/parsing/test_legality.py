import pytest
from tests.unit.parsing.helpers import codes, document, found, statement

from policyeval.parsing.policy import parse_policy, read_policy
from policyeval.policy import PolicyType

NO_PRINCIPAL = [PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION, PolicyType.SCP]
PRINCIPAL = [PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.VPC_ENDPOINT, PolicyType.RCP]
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
OIDC = {"Federated": "arn:aws:iam::123456789012:oidc-provider/example.com"}
IDENTITY, SCP, RCP, TRUST, RESOURCE, VPC_ENDPOINT = (
    PolicyType.IDENTITY,
    PolicyType.SCP,
    PolicyType.RCP,
    PolicyType.TRUST,
    PolicyType.RESOURCE,
    PolicyType.VPC_ENDPOINT,
)


def rcp(**changes):
    return document(statement(**{"Effect": "Deny", "Principal": "*", **changes}))


@pytest.mark.parametrize("type", NO_PRINCIPAL)
def test_principal_is_illegal_where_a_policy_speaks_about_its_bearer(type):
    policy, finding = found(document(statement(Principal="*")), "PE0601", type=type)
    assert policy is None
    assert finding.location.pointer == "/Statement/0/Principal"
    assert finding.location.key


@pytest.mark.parametrize("type", PRINCIPAL)
def test_principal_is_required_elsewhere(type):
    resource = None if type is TRUST else "*"
    policy, _ = found(document(statement(Effect="Deny", Resource=resource)), "PE0602", type=type)
    assert policy is None


@pytest.mark.parametrize("type", [*NO_PRINCIPAL, TRUST, RCP])
def test_not_principal_is_illegal_but_in_resource_and_endpoint_policies(type):
    resource = None if type is TRUST else "*"
    data = document(statement(Effect="Deny", NotPrincipal=ROOT, Resource=resource))
    assert found(data, "PE0603", type=type)[0] is None


@pytest.mark.parametrize("type", [RESOURCE, VPC_ENDPOINT])
def test_not_principal_with_deny_is_legal_in_resource_and_endpoint_policies(type):
    data = document(statement(Effect="Deny", NotPrincipal=ROOT))
    assert parse_policy(data, type=type).findings == ()


@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_trust_policy_has_no_resource(element):
    data = document(statement(Principal=ROOT, **{"Resource": None, element: "*"}))
    policy, finding = found(data, "PE0604", type=TRUST)
    assert policy is None
    assert finding.location.pointer == f"/Statement/0/{element}"


def test_rcp_must_carry_a_version():
    data = rcp()
    del data["Version"]
    assert found(data, "PE0605", type=RCP)[0] is None


def test_rcp_only_denies():
    assert found(rcp(Effect="Allow"), "PE0606", type=RCP)[0] is None


def test_full_access_of_aws_is_a_legal_rcp():
    data = rcp(Effect="Allow", Action="*")
    assert parse_policy(data, type=RCP).findings == ()


@pytest.mark.parametrize(
    "changes", [{"Action": "s3:*"}, {"Condition": {"Bool": {"aws:x": "true"}}}]
)
def test_anything_less_than_full_access_is_no_legal_allow_in_an_rcp(changes):
    assert (
        found(rcp(**{"Effect": "Allow", "Action": "*", **changes}), "PE0606", type=RCP)[0] is None
    )


def test_rcp_speaks_about_everyone():
    assert found(rcp(Principal=ROOT), "PE0607", type=RCP)[0] is None


def test_rcp_has_no_not_action_but_may_have_not_resource():
    assert found(rcp(Action=None, NotAction="s3:*"), "PE0608", type=RCP)[0] is None
    data = rcp(Resource=None, NotResource="arn:aws:s3:::x")
    assert parse_policy(data, type=RCP).findings == ()


def test_resource_policy_without_resource_is_a_warning():
    policy, finding = found(
        document(statement(Principal=ROOT, Resource=None)), "PE0609", type=RESOURCE
    )
    assert policy.statements[0].resource is None
    assert finding.severity.value == "warning"


def test_scp_may_use_the_whole_language():
    data = document(
        statement(Action=None, NotAction=["iam:*ole?"], Condition={"Bool": {"aws:x": "true"}}),
        statement(Resource=None, NotResource="arn:aws:s3:::x"),
    )
    assert parse_policy(data, type=SCP).findings == ()


def test_oidc_provider_stands_only_in_trust_policies():
    data = document(statement(Principal={"AWS": "*", **OIDC}))
    policy, finding = found(data, "PE0414", type=RESOURCE)
    assert policy is not None
    assert finding.location.pointer == "/Statement/0/Principal/Federated/0"
    trust = document(
        statement(Principal=OIDC, Resource=None, Action="sts:AssumeRoleWithWebIdentity")
    )
    assert parse_policy(trust, type=TRUST).findings == ()


def test_sid_characters_matter_in_iam_policies_alone():
    data = document(statement(Sid="read-only", Principal="*"))
    assert parse_policy(data, type=RESOURCE).findings == ()
    _, finding = found(document(statement(Sid="read-only")), "PE0109", type=IDENTITY)
    assert finding.help == "write `readonly`"


LONG = "arn:aws:s3:::" + "x" * 1000


@pytest.mark.parametrize(
    ("type", "service", "limit"),
    [
        (IDENTITY, "s3", 6144),
        (PolicyType.BOUNDARY, "s3", 6144),
        (PolicyType.SESSION, "s3", 2048),
        (TRUST, "sts", 2048),
        (SCP, "s3", 10240),
        (RCP, "s3", 5120),
        (VPC_ENDPOINT, "s3", 20480),
        (RESOURCE, "s3", 20480),
        (RESOURCE, "kms", 32768),
        (RESOURCE, "sqs", 8192),
        (RESOURCE, "dynamodb", 20480),
    ],
)
def test_size_limit_is_a_warning(type, service, limit):
    changes = {"Effect": "Deny", "Action": f"{service}:x"}
    if type in PRINCIPAL:
        changes["Principal"] = "*"
    if type is TRUST:
        changes |= {"Resource": None, "Action": [f"{service}:{'x' * limit}"]}
    else:
        changes["Resource"] = "arn:aws:s3:::" + "x" * limit
    policy, finding = found(document(statement(**changes)), "PE0501", type=type)
    assert policy is not None
    assert f"{limit:,}" in finding.message
    assert finding.location.pointer == ""


def test_white_space_counts_in_scps_and_not_in_iam_policies():
    import json

    text = json.dumps(document()) + " " * 11_000
    assert codes(read_policy(text, type=SCP)[1]) == ["PE0501"]
    assert read_policy(text.encode(), type=IDENTITY)[1] == ()


def test_managed_policies_of_aws_are_exempt_from_size():
    data = document(statement(Resource="arn:aws:s3:::" + "x" * 7000))
    assert read_policy(data, type=IDENTITY, exempt_from_size=True)[1] == ()


def test_resource_policy_of_several_services_has_no_limit_of_its_own():
    data = document(statement(Principal="*", Action=["s3:*", "sqs:*"], Resource="x" * 40_000))
    assert "PE0501" not in codes(read_policy(data, type=RESOURCE)[1])
