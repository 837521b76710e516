"""Principal and NotPrincipal: who is named, and as what (R-MATCH-08 to R-MATCH-10)."""

import pytest
from tests.unit.asking import (
    ACCOUNT,
    FEDERATED_USER,
    LINKED_ROLE,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SAML,
    SERVICE,
    SESSION,
    STRANGER,
    USER,
    allow,
    ask,
    ask_resource,
    deny,
    endpoint_policy,
    policy,
)

from policyeval.context import Facts
from policyeval.decision import Naming, Verdict
from policyeval.policy import Effect
from policyeval.stack import EndpointType, Layer

NOBODY = None
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
PATH_ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/x/dev"

NAMINGS = [
    # principal, Principal element, how it is named
    (USER, "*", Naming.DIRECT),
    (USER, {"AWS": "*"}, Naming.DIRECT),
    (USER, {"AWS": USER}, Naming.DIRECT),
    (USER, {"AWS": [STRANGER, USER]}, Naming.DIRECT),
    (USER, {"AWS": ACCOUNT}, Naming.ACCOUNT),
    (USER, {"AWS": ROOT}, Naming.ACCOUNT),
    (USER, {"AWS": [ROOT, USER]}, Naming.DIRECT),
    (USER, {"AWS": OTHER_ACCOUNT}, NOBODY),
    (USER, {"AWS": STRANGER}, NOBODY),
    (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/Ana"}, NOBODY),  # R-ARN-04: case-sensitive
    (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, NOBODY),  # no wildcards
    (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/an?"}, NOBODY),
    (USER, {"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}, NOBODY),
    (USER, {"AWS": []}, NOBODY),
    (USER, {"Service": SERVICE}, NOBODY),
    (USER, {"AWS": "AIDAEXAMPLEEXAMPLE"}, NOBODY),  # a deleted user
    (USER, {"AWS": ROLE, "Service": SERVICE}, NOBODY),
    (SESSION, {"AWS": SESSION}, Naming.DIRECT),
    (SESSION, {"AWS": ROLE}, Naming.ROLE),
    (SESSION, {"AWS": PATH_ROLE}, Naming.ROLE),  # a session's ARN has no path
    (SESSION, {"AWS": [ROLE, SESSION]}, Naming.DIRECT),
    (SESSION, {"AWS": f"{SESSION}2"}, NOBODY),
    (SESSION, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Dev"}, NOBODY),
    (SESSION, {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/dev"}, NOBODY),
    (SESSION, {"AWS": ACCOUNT}, Naming.ACCOUNT),
    (ROLE, {"AWS": ROLE}, Naming.ROLE),
    (PATH_ROLE, {"AWS": ROLE}, Naming.ROLE),
    (FEDERATED_USER, {"AWS": FEDERATED_USER}, Naming.DIRECT),
    (FEDERATED_USER, {"AWS": USER}, Naming.USER_OF_SESSION),
    (FEDERATED_USER, {"AWS": ROOT}, Naming.ACCOUNT),
    (FEDERATED_USER, {"Federated": "fay"}, NOBODY),
    (ROOT, {"AWS": ROOT}, Naming.DIRECT),
    (ROOT, {"AWS": ACCOUNT}, Naming.DIRECT),
    (ROOT, {"AWS": USER}, NOBODY),
    (SERVICE, {"Service": SERVICE}, Naming.DIRECT),
    (SERVICE, {"Service": [SERVICE, "sns.amazonaws.com"]}, Naming.DIRECT),
    (SERVICE, {"Service": "sns.amazonaws.com"}, NOBODY),
    (SERVICE, {"Service": "*"}, NOBODY),
    (SERVICE, {"AWS": ACCOUNT}, NOBODY),
    (SERVICE, "*", Naming.DIRECT),
    (SAML, {"Federated": SAML}, Naming.DIRECT),
    (SAML, {"Federated": f"{SAML}2"}, NOBODY),
    (SAML, {"AWS": ACCOUNT}, NOBODY),
    ("*", "*", Naming.DIRECT),
    ("*", {"AWS": "*"}, Naming.DIRECT),
    ("*", {"AWS": ACCOUNT}, NOBODY),
    ("*", {"Service": "*"}, NOBODY),
    (STRANGER, {"AWS": OTHER_ACCOUNT}, Naming.ACCOUNT),
    (USER, {"CanonicalUser": CANONICAL}, Naming.ACCOUNT),
    (STRANGER, {"CanonicalUser": CANONICAL}, NOBODY),
    ("*", {"CanonicalUser": CANONICAL}, NOBODY),
]


@pytest.mark.parametrize(("principal", "element", "naming"), NAMINGS)
def test_principal_element_names_a_caller_as_the_rules_say(principal, element, naming):
    decision = ask_resource(
        allow(Principal=element),
        principal=principal,
        resource_account=ACCOUNT,
        issuer=USER if principal == FEDERATED_USER else "",
        canonical_users={CANONICAL: ACCOUNT},
    )
    expected = 0 if naming is NOBODY else 1 << naming
    assert decision.layer(Layer.RESOURCE_POLICY).granted == expected


@pytest.mark.parametrize(("principal", "element", "naming"), NAMINGS)
def test_deny_applies_to_whom_it_names_in_any_way(principal, element, naming):
    decision = ask_resource(
        deny(Principal=element),
        principal=principal,
        resource_account=ACCOUNT,
        issuer=USER if principal == FEDERATED_USER else "",
        canonical_users={CANONICAL: ACCOUNT},
    )
    assert bool(decision.layer(Layer.RESOURCE_POLICY).refs(Effect.DENY)) is (naming is not NOBODY)


# ---- NotPrincipal (R-MATCH-09) ------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "listed", "denied"),
    [
        (USER, {"AWS": USER}, False),
        (USER, {"AWS": [USER, ROOT]}, False),
        (USER, {"AWS": STRANGER}, True),
        (USER, {"AWS": ACCOUNT}, True),  # the account alone exempts root
        (USER, {"AWS": ROOT}, True),
        (ROOT, {"AWS": ROOT}, False),
        (ROOT, {"AWS": ACCOUNT}, False),
        (ROOT, {"AWS": USER}, True),
        (SESSION, {"AWS": SESSION}, False),
        (SESSION, {"AWS": ROLE}, True),  # the role does not exempt its sessions
        (SESSION, {"AWS": [ROLE, ROOT]}, True),
        (FEDERATED_USER, {"AWS": FEDERATED_USER}, False),
        (FEDERATED_USER, {"AWS": USER}, True),
        (SERVICE, {"Service": SERVICE}, False),
        (SERVICE, {"Service": "sns.amazonaws.com"}, True),
        (SAML, {"Federated": SAML}, False),
        ("*", {"AWS": USER}, True),
    ],
)
def test_deny_with_not_principal_spares_the_callers_own_arn_alone(principal, listed, denied):
    decision = ask_resource(
        deny(NotPrincipal=listed),
        principal=principal,
        resource_account=ACCOUNT,
        issuer=USER if principal == FEDERATED_USER else "",
    )
    assert (decision.verdict is Verdict.EXPLICIT_DENY) is denied


@pytest.mark.parametrize(
    ("principal", "granted"),
    [(USER, False), (SESSION, True), (STRANGER, True), ("*", True), (SERVICE, True)],
)
def test_allow_with_not_principal_grants_everyone_not_listed(principal, granted):
    decision = ask_resource(
        allow(NotPrincipal={"AWS": USER}), principal=principal, resource_account=ACCOUNT
    )
    expected = 1 << Naming.DIRECT if granted else 0
    assert decision.layer(Layer.RESOURCE_POLICY).granted == expected


def test_allow_with_not_principal_leaves_out_whoever_is_listed_by_account():
    decision = ask_resource(allow(NotPrincipal={"AWS": ACCOUNT}), resource_account=ACCOUNT)
    assert decision.layer(Layer.RESOURCE_POLICY).granted == 0


@pytest.mark.parametrize("principal", [USER, SESSION])
def test_boundary_makes_a_deny_with_not_principal_apply_whatever_it_lists(principal):
    # R-MATCH-10
    layers = {
        Layer.RESOURCE_POLICY: [policy(deny(NotPrincipal={"AWS": principal}))],
        Layer.IDENTITY_POLICY: [policy(allow())],
    }
    assert ask(layers, principal=principal).allowed
    with_boundary = {**layers, Layer.PERMISSIONS_BOUNDARY: [policy(allow())]}
    assert ask(with_boundary, principal=principal).verdict is Verdict.EXPLICIT_DENY


# ---- facts about the caller that are open -------------------------------------------------


def test_role_whose_session_is_not_named_may_be_the_listed_session():
    decision = ask_resource(allow(Principal={"AWS": SESSION}), principal=ROLE)
    assert decision.unknown
    assert decision.missing == ("principal:session_name",)


def test_role_whose_session_is_not_named_is_not_another_roles_session():
    other = f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/s1"
    assert ask_resource(allow(Principal={"AWS": other}), principal=ROLE).denied


def test_role_and_one_of_its_sessions_listed_together_allow_every_session():
    assert ask_resource(allow(Principal={"AWS": [ROLE, SESSION]}), principal=ROLE).allowed


def test_canonical_user_whose_account_is_not_known_leaves_the_answer_open():
    layers = {
        Layer.RESOURCE_POLICY: [policy(allow(Principal={"CanonicalUser": CANONICAL}))],
        Layer.IDENTITY_POLICY: [policy(allow())],
    }
    question = {"principal": STRANGER, "resource_account": ACCOUNT}
    decision = ask(layers, **question)
    assert decision.unknown
    assert decision.missing == ("principal:canonical_user",)
    assert ask(layers, **question, canonical_users={CANONICAL: OTHER_ACCOUNT}).allowed
    assert ask(layers, **question, canonical_users={CANONICAL: ACCOUNT}).denied


def test_federated_user_whose_user_is_not_known_leaves_the_answer_open():
    layers = {
        Layer.RESOURCE_POLICY: [policy(allow(Principal={"AWS": USER}))],
        Layer.SESSION_POLICY: [policy(allow())],
    }
    question = {"principal": FEDERATED_USER, "facts": Facts.TYPED}
    decision = ask(layers, **question)
    assert decision.unknown
    assert decision.missing == ("principal:issuer",)
    assert ask(layers, **question, issuer=USER).allowed
    assert ask(layers, **question, issuer=f"{USER}2").denied
    # In a complete request what is not given is not there.
    assert ask(layers, principal=FEDERATED_USER).denied


# ---- VPC endpoints (R-FLOW-05) ------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "element", "at_gateway", "at_interface"),
    [
        (USER, "*", True, True),
        (USER, {"AWS": "*"}, True, True),
        (USER, {"AWS": USER}, False, True),
        (USER, {"AWS": ACCOUNT}, False, True),
        (USER, {"AWS": ROOT}, False, True),
        (SESSION, {"AWS": SESSION}, False, True),
        (SESSION, {"AWS": ROLE}, False, True),
        (ROOT, {"AWS": ROOT}, True, True),
        (ROOT, {"AWS": ACCOUNT}, True, True),
        (USER, {"CanonicalUser": CANONICAL}, False, True),
        ("*", "*", True, True),
    ],
)
def test_gateway_endpoints_know_everyone_and_root_alone(
    principal, element, at_gateway, at_interface
):
    for kind, expected in (
        (EndpointType.GATEWAY, at_gateway),
        (EndpointType.INTERFACE, at_interface),
        (None, at_interface),
    ):
        decision = ask(
            {Layer.VPC_ENDPOINT_POLICY: [endpoint_policy(kind, deny(Principal=element))]},
            principal=principal,
            resource_account=ACCOUNT,
            context={"aws:SourceVpce": "vpce-1"},
            canonical_users={CANONICAL: ACCOUNT},
        )
        assert bool(decision.layer(Layer.VPC_ENDPOINT_POLICY).refs(Effect.DENY)) is expected


def test_service_linked_role_is_known_by_its_path():
    decision = ask_resource(allow(Principal={"AWS": LINKED_ROLE}), principal=LINKED_ROLE)
    assert decision.request.principal.is_service_linked
    assert decision.allowed
