"""Every form of AWS's denials (R-MSG-01 to R-MSG-03), and what may stand around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.parsing.message import find_denials

ANA = "arn:aws:iam::111122223333:user/ana"
LOG = "arn:aws:s3:::logs/a.log"
HEAD = f"User: {ANA} is not authorized to perform: s3:GetObject"
ON_LOG = f'{HEAD} on resource: "{LOG}"'


def only(text):
    [denial] = find_denials(text)
    return denial


# ---- the sentence -------------------------------------------------------------------------


def test_the_whole_sentence():
    denial = only(f"{ON_LOG} because no identity-based policy allows the s3:GetObject action")
    assert (denial.principal, denial.action, denial.resource) == (ANA, "s3:GetObject", LOG)
    assert (denial.explicit, denial.types, denial.rest) == (False, ("IDENTITY",), "")


@pytest.mark.parametrize(
    ("words", "type_"),
    [
        ("identity-based", "IDENTITY"),
        ("resource-based", "RESOURCE"),
        ("session", "SESSION"),
        ("sessions", "SESSION"),  # AWS's misprint
        ("service control", "SCP"),
        ("resource control", "RCP"),
        ("VPC endpoint", "ENDPOINT"),
        ("permissions boundary", "BOUNDARY"),
        ("role trust", "TRUST"),
    ],
)
def test_each_type_of_policy_both_ways(words, type_):
    noun = words if "boundary" in words else f"{words} policy"
    silent = only(f"{ON_LOG} because no {noun} allows the s3:GetObject action")
    assert (silent.explicit, silent.types) == (False, (type_,))
    for article in ("a", "an", "the"):
        denied = only(f"{ON_LOG} with an explicit deny in {article} {noun}")
        assert (denied.explicit, denied.types, denied.rest) == (True, (type_,), "")


def test_a_denial_without_type_is_explicit_all_the_same():
    denial = only(f"{ON_LOG} with an explicit deny")
    assert (denial.explicit, denial.types, denial.resource) == (True, (), LOG)


def test_an_older_wording_of_service_control_policies():
    denial = only(f"{ON_LOG} due to an explicit deny in a Service Control Policy")
    assert (denial.explicit, denial.types) == (True, ("SCP",))


def test_a_denial_handed_on_names_both_layers_in_order():
    text = f"{ON_LOG} with an explicit deny in a VPC endpoint policy transitively through a "
    assert only(text + "service control policy").types == ("ENDPOINT", "SCP")


@pytest.mark.parametrize("end", ["", ".", ". Go to https://x.example/#/d/1 for complete details"])
def test_the_policy_that_aws_discloses(end):
    arn = "arn:aws:organizations::999900001111:policy/o-a/service_control_policy/p-2kgnabcd"
    denial = only(f"{ON_LOG} with an explicit deny in a service control policy: {arn}{end}")
    assert denial.policy_arn == arn


def test_the_id_under_which_aws_keeps_the_details():
    denial = only(
        f"{ON_LOG} because no session policy allows the s3:GetObject action. Go to https://a.b/#x "
        "for complete details, or call the GetRequestAuthorizationDetails API with the following "
        "authorization id: 4xk2p9."
    )
    assert (denial.authorization_id, denial.explicit, denial.rest) == ("4xk2p9", False, "")


@pytest.mark.parametrize(
    ("text", "action", "resource"),
    [
        (HEAD, "s3:GetObject", ""),
        ("User is not authorized to perform: rds:ModifyDBInstance", "rds:ModifyDBInstance", ""),
        (f"Is not authorized to perform: s3:GetObject on resource {LOG}", "s3:GetObject", LOG),
        (
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            "sts:AssumeRoleWithWebIdentity",
            "",
        ),
        (f"{HEAD} on resource: *", "s3:GetObject", "*"),
        (f"{HEAD} on resource: {LOG}", "s3:GetObject", LOG),
        (f"{HEAD} on this resource: {LOG}.", "s3:GetObject", LOG),
    ],
)
def test_shorter_and_older_sentences(text, action, resource):
    denial = only(text)
    assert (denial.action, denial.resource, denial.explicit) == (action, resource, None)


def test_a_key_with_spaces_and_quotes_around_it():
    assert only(f'{HEAD} on resource: "arn:aws:s3:::b/my file.txt" with an explicit deny').resource
    assert (
        only(f"{HEAD} on resource: 'arn:aws:s3:::b/my file'").resource == "arn:aws:s3:::b/my file"
    )


def test_a_bare_name_keeps_its_kind():
    denial = only(
        f"{HEAD} on resource: instance profile web because no identity-based policy "
        "allows the iam:PassRole action"
    )
    assert (denial.kind, denial.resource, denial.explicit) == ("instance profile", "web", False)


def test_an_ending_that_nobody_knows_is_kept_and_not_guessed():
    denial = only(f"{ON_LOG} because the moon is full")
    assert (denial.resource, denial.explicit, denial.types) == (LOG, None, ())
    assert denial.rest == "because the moon is full"


def test_kms_names_no_resource_for_a_ciphertext():
    denial = only(
        f"User: {ANA} is not authorized to perform: kms:Decrypt on the resource associated with "
        "this ciphertext because the resource does not exist in this Region, no resource-based "
        "policies allow access, or a resource-based policy explicitly denies access"
    )
    assert (denial.action, denial.resource, denial.explicit) == ("kms:Decrypt", "", None)


# ---- what stands around it ----------------------------------------------------------------


def test_boto3_tells_code_and_operation():
    text = (
        f"botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the "
        f"GetObject operation: {ON_LOG} with an explicit deny"
    )
    denial = only(text)
    assert (denial.code, denial.operation, denial.explicit) == ("AccessDenied", "GetObject", True)


def test_terraform_boxes_line_breaks_and_colours():
    text = (
        "\x1b[31m╷\x1b[0m\n\x1b[31m│\x1b[0m Error: creating S3 Bucket (x): operation error S3: "
        "CreateBucket, https response error StatusCode: 403, RequestID: 3YT, HostID: ab/cd=, api "
        f"error AccessDenied: User:\n│ {ANA} is not authorized to\n│ perform: s3:CreateBucket on "
        'resource:\n│ "arn:aws:s3:::x" because no identity-based policy allows the\n'
        "│ s3:CreateBucket action\n│\n│   with aws_s3_bucket.x,\n╵"
    )
    denial = only(text)
    assert (denial.principal, denial.resource) == (ANA, "arn:aws:s3:::x")
    assert (denial.service, denial.operation, denial.types) == ("S3", "CreateBucket", ("IDENTITY",))


@pytest.mark.parametrize(
    "text",
    [
        f"<Error><Message>{HEAD} on resource: &quot;{LOG}&quot; with an explicit deny</Message>",
        f'{{"level":"error","msg":"{HEAD} on resource: \\"{LOG}\\" with an explicit deny"}}',
        f"{HEAD} on resource: {LOG} with an explicit deny (Service: Amazon S3; Status Code: 403)",
        f"2026-11-24T10:00:00Z ERROR [main] denied: {HEAD} on resource: {LOG}\n with an explicit "
        "deny, request id: 1",
        f"AccessDenied: {HEAD} on resource: {LOG} with an explicit deny\n\tstatus code: 403",
        f'"{{\\"msg\\":\\"{HEAD} on resource: \\\\\\"{LOG}\\\\\\" with an explicit deny\\"}}"',
    ],
    ids=["xml", "json log", "java", "log line", "go", "json in json"],
)
def test_a_sentence_inside_other_output(text):
    denial = only(text)
    assert (denial.principal, denial.resource, denial.explicit) == (ANA, LOG, True)


def test_several_denials_come_in_order_and_each_once():
    second = HEAD.replace("GetObject", "PutObject")
    found = find_denials(f"{ON_LOG}\n{second}\n{ON_LOG}")
    assert [denial.action for denial in found] == ["s3:GetObject", "s3:PutObject"]


@pytest.mark.parametrize(
    "text",
    [
        "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied",
        "operation error S3: ListObjectsV2, https response error StatusCode: 403, AccessDenied",
    ],
)
def test_a_plain_denial_tells_the_operation_alone(text):
    denial = only(text)
    assert (denial.operation, denial.action, denial.principal) == ("ListObjectsV2", "", "")


def test_a_plain_denial_by_an_endpoint_policy():
    assert only("AccessDenied: The request was denied due to a VPC endpoint policy").types == (
        "ENDPOINT",
    )


def test_ec2_hides_the_request_in_an_encoded_message():
    blob = "T-kSWIRFn32_fxSg" * 40
    denial = only(
        "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You "
        "are not authorized to perform this operation. Encoded authorization failure message: "
        + blob
    )
    assert (denial.encoded, denial.operation) == (blob, "RunInstances")
    assert blob not in denial.text


def test_what_is_offered_in_a_command_holds_nothing_that_a_shell_reads():
    text = "not authorized to perform this operation. Encoded authorization failure message: ab"
    assert only(f"{text}$(reboot)`id`;x").encoded == "ab"


@pytest.mark.parametrize("text", ["", "hello", "User: ana may read", "authorized to perform: x"])
def test_other_texts_hold_no_denial(text):
    assert find_denials(text) == ()


# ---- laws ---------------------------------------------------------------------------------


WORDS = st.text("abcXYZ019+=,.@_-/", min_size=1, max_size=12)
ARNS = st.builds("arn:aws:{}:{}:111122223333:{}x".format, st.sampled_from("ab"), WORDS, WORDS)
ENDINGS = {
    "": (None, ()),
    " with an explicit deny": (True, ()),
    " with an explicit deny in an identity-based policy": (True, ("IDENTITY",)),
    " because no permissions boundary allows the s3:GetObject action": (False, ("BOUNDARY",)),
}


@given(ARNS, st.none() | ARNS, st.sampled_from(sorted(ENDINGS)), st.booleans(), st.booleans())
def test_what_is_said_is_read(principal, resource, ending, quoted, before):
    shown = f'"{resource}"' if quoted else resource
    on = f" on resource: {shown}" if resource else ""
    sentence = f"User: {principal} is not authorized to perform: s3:GetObject{on}{ending}"
    denial = only(
        f"An error occurred (X) when calling the Y operation: {sentence}" * before or sentence
    )
    assert (denial.principal, denial.resource) == (principal, resource or "")
    assert (denial.explicit, denial.types) == ENDINGS[ending]
    assert denial.operation == "Y" * before


PIECES = st.sampled_from(
    [
        HEAD,
        ON_LOG,
        "User:",
        "is not authorized to perform:",
        " because no ",
        "policy allows the",
        "with an explicit deny in a",
        "An error occurred (",
        ") when calling the",
        '"',
        "arn:",
        "│",
        "\x1b[31m",
        "&quot;",
        "\\n",
        "\ud800",
        "operation error ",
        ": ",
        "x" * 50,
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_no_text_breaks_the_reader(text):
    for denial in find_denials(text):
        assert denial.text
