"""Why a request is answered as it is: PE10xx to PE15xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE1000",
        NOTE,
        "allowed",
        "Every layer that must allow does, and no statement denies. The layers that were not given "
        "are taken to be empty and listed as such: the answer holds for the policies given.",
        rules="R-FLOW-07, R-FLOW-20",
    ),
    diagnostic(
        "PE1001",
        ERROR,
        "explicit deny",
        "A statement with Effect Deny matches the request. It wins over every allow, in whatever "
        "layer it stands, so no other policy can help: either the request changes so that the "
        "statement no longer matches, or the statement does. All matching Deny statements are "
        "shown, since AWS names only one of them.",
        rules="R-FLOW-02",
    ),
    diagnostic(
        "PE1101",
        ERROR,
        "no statement allows",
        "The layer must allow and has policies, but none of their Allow statements matches. The "
        "nearest ones are shown with the parts that fail: action, resource, principal, and each "
        "condition on its own. A statement that fails in a condition alone would allow the same "
        "request under other circumstances.",
        rules="R-FLOW-01, R-FLOW-06",
    ),
    diagnostic(
        "PE1102",
        ERROR,
        "no policy at all",
        "The layer must allow and holds no policy. For an identity: nothing is attached to the user "
        "or role. For a resource: it has no policy, and one is needed.",
        rules="R-FLOW-01",
    ),
    diagnostic(
        "PE1103",
        ERROR,
        "an organization level without SCPs",
        "Every level from the root through each organizational unit to the account must allow. A "
        "level to which no service control policy is attached allows nothing, so all accounts below "
        "it are closed. AWS attaches FullAWSAccess by default; somebody detached it here.",
        rules="R-FLOW-03",
    ),
    diagnostic(
        "PE1105",
        ERROR,
        "policies that only deny",
        "The layer's policies hold nothing but Deny statements. A Deny that does not match allows "
        "nothing: VPC endpoint policies, service control policies and boundaries need an Allow "
        "beside their denies, or they close everything.",
        wrong='[{"Effect": "Deny", …}]',
        right='[{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}, '
        '{"Effect": "Deny", …}]',
        rules="R-FLOW-05, R-FLOW-06",
    ),
    diagnostic(
        "PE1201",
        ERROR,
        "another account's resource",
        "The caller belongs to another account than the resource, so both sides must allow: the "
        "caller's identity policies, and the resource's own policy naming the caller, its role, its "
        "account or everyone. One side alone is never enough, except through grants outside "
        "policies such as RAM shares and ACLs.",
        rules="R-FLOW-09",
    ),
    diagnostic(
        "PE1203",
        ERROR,
        "the role does not trust the caller",
        "Assuming a role needs an Allow in the role's trust policy in every case, in the same "
        "account too. Where it names the caller itself, that is enough; where it names the caller's "
        "account, the caller's identity policies must allow sts:AssumeRole as well.",
        rules="R-FLOW-10",
    ),
    diagnostic(
        "PE1204",
        ERROR,
        "the key policy takes no part",
        "A KMS key is used only through its key policy: identity policies count where the key "
        "policy has a statement for the account (its `:root`), and not otherwise. An administrator "
        "with full access is denied where that statement is missing. Grants can allow too; they "
        "are not policies and not evaluated.",
        right='{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, '
        '"Action": "kms:*", "Resource": "*"}',
        rules="R-FLOW-11, R-FLOW-19",
    ),
    diagnostic(
        "PE1205",
        ERROR,
        "a federated session without session policy",
        "GetFederationToken gives a session the permissions that both its user and its session "
        "policy allow. Without a session policy it may do nothing, except what a resource policy "
        "grants to the session's own ARN.",
        rules="R-FLOW-16",
    ),
    diagnostic(
        "PE1301",
        ERROR,
        "closed to this kind of caller",
        "AWS refuses this action to this kind of caller whatever the policies say: root users "
        "cannot assume roles, federated sessions cannot call IAM, role sessions cannot ask for "
        "session tokens. No policy can change that; the call must be made by another principal.",
        rules="R-FLOW-10, R-FLOW-16, R-FLOW-21",
    ),
    diagnostic(
        "PE1302",
        ERROR,
        "reserved for the owner's account",
        "A few actions work for principals of the account that owns the resource and for nobody "
        "else, whatever its policy says: reading and changing bucket policies, managing queues, "
        "administering KMS keys.",
        rules="R-FLOW-09, R-FLOW-11",
    ),
    diagnostic(
        "PE1303",
        ERROR,
        "another partition",
        "Principal and resource are in different partitions (aws, aws-cn, aws-us-gov …). These are "
        "separate clouds: no policy reaches across.",
        rules="R-FLOW-09",
    ),
    diagnostic(
        "PE1401",
        NOTE,
        "owner of the resource not told",
        "The resource's ARN has no account (S3 buckets and objects have none) and none was given, "
        "so it is taken to belong to the caller's account. If it does not, its own policy must "
        "allow as well, and the answer may differ.",
        right="--resource-account 444455556666",
        rules="R-FLOW-07, R-FLOW-09",
    ),
    diagnostic(
        "PE1402",
        NOTE,
        "endpoint policy without endpoint",
        "A VPC endpoint policy applies to requests that come through the endpoint, and the request "
        "carries no aws:SourceVpce. The policy took no part.",
        right="--context aws:SourceVpce=vpce-0a1b2c3d",
        rules="R-FLOW-05",
    ),
    diagnostic(
        "PE1403",
        NOTE,
        "endpoint without policy",
        "The request comes through a VPC endpoint whose policy was not given. AWS gives an endpoint "
        "a default policy with full access, and that is assumed.",
        rules="R-FLOW-05",
    ),
    diagnostic(
        "PE1404",
        WARNING,
        "named principal at a gateway endpoint",
        "Gateway endpoints (S3, DynamoDB) match the principal `*` alone; an account or its root ARN "
        "matches its root user, any other ARN nothing. Such a policy stops everybody whom its author "
        "meant to let through.",
        wrong='"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}',
        right='"Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": '
        '"arn:aws:iam::111122223333:role/app"}}',
        rules="R-FLOW-05",
    ),
    diagnostic(
        "PE1405",
        NOTE,
        "kind of endpoint not told",
        "A VPC endpoint policy names a principal, and it is not told whether the endpoint is an "
        "interface endpoint, where that works, or a gateway endpoint, where it matches nothing. It "
        "is taken to be an interface endpoint.",
        rules="R-FLOW-05",
    ),
    diagnostic(
        "PE1406",
        WARNING,
        "several values under a plain operator",
        "The key carries several values in this request, and the condition's operator has no "
        "ForAllValues or ForAnyValue. Such a condition is false, negated or not.",
        wrong='"StringEquals": {"aws:TagKeys": ["team"]}',
        right='"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}',
        rules="R-COND-05",
    ),
    diagnostic(
        "PE1407",
        NOTE,
        "variable without a value",
        "A policy variable has no value in this request and no default, so the text that holds it "
        "matches nothing, inside NotResource as well.",
        right="\"arn:aws:s3:::home/${aws:username, 'nobody'}/*\"",
        rules="R-MATCH-07",
    ),
    diagnostic(
        "PE1408",
        WARNING,
        "NotPrincipal with a role",
        "NotPrincipal lists a role's ARN, and the caller is a session of that role. The role's ARN "
        "does not exempt its sessions: the Deny applies to them.",
        right='"Condition": {"ArnNotEquals": {"aws:PrincipalArn": '
        '"arn:aws:iam::111122223333:role/app"}}',
        rules="R-MATCH-09",
    ),
    diagnostic(
        "PE1409",
        WARNING,
        "NotPrincipal without the account",
        "NotPrincipal lists the caller's own ARN but not its account. The caller is taken to be "
        "exempt; some services check the account first and deny it all the same.",
        rules="R-MATCH-09",
    ),
    diagnostic(
        "PE1410",
        NOTE,
        "an ARN where the request has none",
        "The request's resource is `*`, since the action has no resource-level permissions, and the "
        "only Allow for it lists ARNs. It does not match here; for a few actions AWS passes an ARN "
        "after all, and then it may.",
        right='"Resource": "*"',
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1411",
        NOTE,
        "FullAWSAccess taken to be attached",
        "The service control policies given on the command line hold nothing but Deny statements. "
        "Alone they would close the account; AWS attaches FullAWSAccess beside them by default, and "
        "it is taken to be there.",
        rules="R-FLOW-03",
    ),
    diagnostic(
        "PE1500",
        NOTE,
        "a missing fact decides",
        "The answer depends on something that was not told: a context key, a whole layer of "
        "policies, or the name of a session. The missing facts are listed, with the answers that "
        "they lead to. Give them with --context, --no-context or --policy; or say with "
        "--assume-absent that what is not given is not there.",
        rules="R-FLOW-20",
    ),
)
