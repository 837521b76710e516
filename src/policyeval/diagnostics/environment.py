"""Environments: PE07xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE0701",
        ERROR,
        "file cannot be read",
        "An environment file, a file that it extends, or a folder of policies does not exist, may "
        "not be read, is no UTF-8, or is larger than policyeval reads.",
    ),
    diagnostic(
        "PE0702",
        ERROR,
        "not YAML",
        "The file is neither YAML nor JSON. Most often a line is indented with a tab, or a text "
        "with `: `, ` #` or a leading `*`, `&`, `!`, `@` stands without quotes.",
    ),
    diagnostic(
        "PE0703",
        ERROR,
        "YAML that is not accepted",
        "Environments are texts, lists and maps. Tags (`!!python/object`), keys that are no text, "
        "a second document, aliases that mean nothing or themselves, nesting deeper than 100 and "
        "files that expand to more than 200,000 values are refused.",
    ),
    diagnostic(
        "PE0704",
        ERROR,
        "key twice",
        "A map has one key twice. YAML readers take the last of them, and the first is lost "
        "without a word: so it is an error here.",
    ),
    diagnostic(
        "PE0705",
        ERROR,
        "unknown key",
        "The file has a key that environments do not have at this place. A misspelt key would "
        "otherwise leave out a policy without a word. `policyeval schema environment` prints all "
        "keys.",
    ),
    diagnostic(
        "PE0706",
        ERROR,
        "key missing",
        "An entry lacks a key that it cannot do without: `version`, an `arn`, an `id`.",
    ),
    diagnostic(
        "PE0707",
        ERROR,
        "wrong kind of value",
        "Here a text, a list or a map is wanted, and the value is another kind. YAML reads `5` as "
        "a number, `true` as a boolean and nothing at all as null: put texts in quotes.",
    ),
    diagnostic(
        "PE0708",
        ERROR,
        "no account id",
        "An account id has 12 digits. It must stand in quotes: YAML reads 012345678901 as a "
        "number, and numbers lose leading zeros.\n\nwrong:  id: 012345678901\n"
        'right:  id: "012345678901"',
    ),
    diagnostic(
        "PE0710",
        ERROR,
        "impossible value",
        "The value is none of those that are possible here, or has not the form that AWS gives "
        "to such ids: organizations `o-…`, roots `r-…`, units `ou-…`, VPC endpoints `vpce-…`.",
    ),
    diagnostic(
        "PE0711",
        ERROR,
        "not a user or role",
        "Principals of an environment are the IAM users and roles that policies hang at, by "
        "`arn:aws:iam::ACCOUNT:user/NAME` or `…:role/NAME`. Sessions are no entries: ask for "
        "`NAME/SESSION`. All ARNs belong to the partition of the file.",
    ),
    diagnostic(
        "PE0712",
        ERROR,
        "reference to nothing",
        "The file names an account, a group or a resource that it does not list.",
    ),
    diagnostic(
        "PE0713",
        ERROR,
        "same thing twice",
        "Two entries have the same ARN or id, or an account stands at two places of the "
        "organization. Which of them holds could not be told.",
    ),
    diagnostic(
        "PE0714",
        ERROR,
        "not for this principal",
        "Roles have trust policies and users do not; users are in groups and roles are not.",
    ),
    diagnostic(
        "PE0715",
        ERROR,
        "owner contradicts the ARN",
        "The ARN of a resource tells its account, and `owner` names another. Leave `owner` out "
        "wherever the ARN has an account.",
    ),
    diagnostic(
        "PE0720",
        ERROR,
        "file outside the project",
        "Files may refer to files inside the project only: under the nearest folder upward with "
        "`.git` or `pyproject.toml`, else under the folder of environment.yaml. Links are "
        "followed first. So an environment from elsewhere cannot read other files of yours.",
    ),
    diagnostic(
        "PE0721",
        ERROR,
        "no such policy file",
        "Paths are relative to the file that names them, or to the folder `policies` beside it.",
    ),
    diagnostic(
        "PE0722",
        WARNING,
        "no copy of a managed policy",
        "The policy hangs here by its ARN, and nobody has its text. Until there is a copy, what "
        "the layer says is unknown. For AWS managed policies, name a folder of NAME.json files as "
        "`managed-policies`; for others, write the path of a file.",
    ),
    diagnostic(
        "PE0723",
        ERROR,
        "extends in a circle",
        "A file extends itself, directly or through others, or more than 20 files are extended.",
    ),
    diagnostic(
        "PE0724",
        WARNING,
        "policy cannot be read",
        "A policy that hangs at this principal, resource or level is broken or missing. It may "
        "allow, deny or do nothing, so its layer is unknown; it is never taken to be empty.",
    ),
    diagnostic(
        "PE0730",
        ERROR,
        "stray policy",
        "In a folder of policies, the folder's name says what a policy is: scp, rcp, identity, "
        "boundary, session, trust, resource, vpc_endpoint, permission_set. A policy anywhere else "
        "would be left out without a word.",
    ),
    diagnostic(
        "PE0731",
        ERROR,
        "whose policy?",
        "A resource policy of a folder belongs to the first single ARN in its Resource. This one "
        "has none: write the ARN into NAME.meta.yaml beside it.",
    ),
    diagnostic(
        "PE0732",
        WARNING,
        "account without a place",
        "SCPs or RCPs hang at units, and nothing tells which unit the account is in. What they "
        "say is unknown; list the account in the organization of environment.yaml.",
    ),
    diagnostic(
        "PE0733",
        NOTE,
        "FullAWSAccess assumed",
        "An account needs an allowing SCP at each level from the root down (R-FLOW-03). At this "
        "level none is given, or none that allows anything, so FullAWSAccess, which AWS attaches "
        "by default, is taken to be there.",
    ),
    diagnostic(
        "PE0734",
        NOTE,
        "group without members",
        "The folder has policies of a group, and nothing tells who is in it.",
    ),
    diagnostic(
        "PE0740",
        NOTE,
        "principal not in the environment",
        "The caller has no entry, so its identity policies and its boundary are not given. Unless "
        "the layer is known otherwise, the answer rests on there being none (R-FLOW-20).",
    ),
    diagnostic(
        "PE0741",
        NOTE,
        "VPC endpoint not in the environment",
        "The request comes through an endpoint that has no entry: AWS's default policy, full "
        "access, is assumed.",
    ),
    diagnostic(
        "PE0742",
        ERROR,
        "ambiguous name",
        "Several entries have this name. Give more of the ARN (`role/deploy`), the account "
        "(`payments/deploy`), or the whole ARN.",
    ),
    diagnostic(
        "PE0743",
        ERROR,
        "unknown name",
        "No entry of the environment has this name. ARNs, account ids, service principals and "
        "`*` need no entry.",
    ),
    diagnostic(
        "PE0744",
        ERROR,
        "name without an ARN",
        "A folder of policies knows principals by name alone. To ask about one, give its ARN.",
    ),
    diagnostic(
        "PE0745",
        NOTE,
        "account outside the organization",
        "The account is listed under no root or unit of the organization, so SCPs and RCPs do not "
        "reach it, and its principals have no aws:PrincipalOrgID.",
    ),
    diagnostic(
        "PE0746",
        WARNING,
        "owner given and known",
        "The request gives another account for the resource than the environment. What is given "
        "wins (R-CTX-05).",
    ),
    diagnostic(
        "PE0747",
        NOTE,
        "encrypted resource",
        "The environment says which key encrypts the resource. Reading it needs kms:Decrypt on that "
        "key, writing it kms:GenerateDataKey. That is a request of its own, with the key's policy.",
        rules="R-FLOW-18",
    ),
)
