"""The diagnostics of environments, PE07xx, for `policyeval explain`."""

from __future__ import annotations

from policyeval.diagnostics import Diagnostic
from policyeval.finding import Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_TABLE: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "PE0701",
        _E,
        "file cannot be read",
        "An environment file, a file that it extends, or a folder of policies does not exist, may "
        "not be read, is no UTF-8, or is larger than policyeval reads.",
    ),
    (
        "PE0702",
        _E,
        "not YAML",
        "The file is neither YAML nor JSON. Most often a line is indented with a tab, or a text "
        "with `: `, ` #` or a leading `*`, `&`, `!`, `@` stands without quotes.",
    ),
    (
        "PE0703",
        _E,
        "YAML that is not accepted",
        "Environments are texts, lists and maps. Tags (`!!python/object`), keys that are no text, "
        "a second document, aliases that mean nothing or themselves, nesting deeper than 100 and "
        "files that expand to more than 200,000 values are refused.",
    ),
    (
        "PE0704",
        _E,
        "key twice",
        "A map has one key twice. YAML readers take the last of them, and the first is lost "
        "without a word: so it is an error here.",
    ),
    (
        "PE0705",
        _E,
        "unknown key",
        "The file has a key that environments do not have at this place. A misspelt key would "
        "otherwise leave out a policy without a word. `policyeval schema environment` prints all "
        "keys.",
    ),
    (
        "PE0706",
        _E,
        "key missing",
        "An entry lacks a key that it cannot do without: `version`, an `arn`, an `id`.",
    ),
    (
        "PE0707",
        _E,
        "wrong kind of value",
        "Here a text, a list or a map is wanted, and the value is another kind. YAML reads `5` as "
        "a number, `true` as a boolean and nothing at all as null: put texts in quotes.",
    ),
    (
        "PE0708",
        _E,
        "no account id",
        "An account id has 12 digits. It must stand in quotes: YAML reads 012345678901 as a "
        "number, and numbers lose leading zeros.\n\nwrong:  id: 012345678901\n"
        'right:  id: "012345678901"',
    ),
    (
        "PE0710",
        _E,
        "impossible value",
        "The value is none of those that are possible here, or has not the form that AWS gives "
        "to such ids: organizations `o-…`, roots `r-…`, units `ou-…`, VPC endpoints `vpce-…`.",
    ),
    (
        "PE0711",
        _E,
        "not a user or role",
        "Principals of an environment are the IAM users and roles that policies hang at, by "
        "`arn:aws:iam::ACCOUNT:user/NAME` or `…:role/NAME`. Sessions are no entries: ask for "
        "`NAME/SESSION`. All ARNs belong to the partition of the file.",
    ),
    (
        "PE0712",
        _E,
        "reference to nothing",
        "The file names an account, a group or a resource that it does not list.",
    ),
    (
        "PE0713",
        _E,
        "same thing twice",
        "Two entries have the same ARN or id, or an account stands at two places of the "
        "organization. Which of them holds could not be told.",
    ),
    (
        "PE0714",
        _E,
        "not for this principal",
        "Roles have trust policies and users do not; users are in groups and roles are not.",
    ),
    (
        "PE0715",
        _E,
        "owner contradicts the ARN",
        "The ARN of a resource tells its account, and `owner` names another. Leave `owner` out "
        "wherever the ARN has an account.",
    ),
    (
        "PE0720",
        _E,
        "file outside the project",
        "Files may refer to files inside the project only: under the nearest folder upward with "
        "`.git` or `pyproject.toml`, else under the folder of environment.yaml. Links are "
        "followed first. So an environment from elsewhere cannot read other files of yours.",
    ),
    (
        "PE0721",
        _E,
        "no such policy file",
        "Paths are relative to the file that names them, or to the folder `policies` beside it.",
    ),
    (
        "PE0722",
        _W,
        "no copy of a managed policy",
        "The policy hangs here by its ARN, and nobody has its text. Until there is a copy, what "
        "the layer says is unknown. For AWS managed policies, name a folder of NAME.json files as "
        "`managed-policies`; for others, write the path of a file.",
    ),
    (
        "PE0723",
        _E,
        "extends in a circle",
        "A file extends itself, directly or through others, or more than 20 files are extended.",
    ),
    (
        "PE0724",
        _W,
        "policy cannot be read",
        "A policy that hangs at this principal, resource or level is broken or missing. It may "
        "allow, deny or do nothing, so its layer is unknown; it is never taken to be empty.",
    ),
    (
        "PE0730",
        _E,
        "stray policy",
        "In a folder of policies, the folder's name says what a policy is: scp, rcp, identity, "
        "boundary, session, trust, resource, vpc_endpoint, permission_set. A policy anywhere else "
        "would be left out without a word.",
    ),
    (
        "PE0731",
        _E,
        "whose policy?",
        "A resource policy of a folder belongs to the first single ARN in its Resource. This one "
        "has none: write the ARN into NAME.meta.yaml beside it.",
    ),
    (
        "PE0732",
        _W,
        "account without a place",
        "SCPs or RCPs hang at units, and nothing tells which unit the account is in. What they "
        "say is unknown; list the account in the organization of environment.yaml.",
    ),
    (
        "PE0733",
        _N,
        "FullAWSAccess assumed",
        "An account needs an allowing SCP at each level from the root down (R-FLOW-03). At this "
        "level none is given, or none that allows anything, so FullAWSAccess, which AWS attaches "
        "by default, is taken to be there.",
    ),
    (
        "PE0734",
        _N,
        "group without members",
        "The folder has policies of a group, and nothing tells who is in it.",
    ),
    (
        "PE0740",
        _N,
        "principal not in the environment",
        "The caller has no entry, so its identity policies and its boundary are not given. Unless "
        "the layer is known otherwise, the answer rests on there being none (R-FLOW-20).",
    ),
    (
        "PE0741",
        _N,
        "VPC endpoint not in the environment",
        "The request comes through an endpoint that has no entry: AWS's default policy, full "
        "access, is assumed.",
    ),
    (
        "PE0742",
        _E,
        "ambiguous name",
        "Several entries have this name. Give more of the ARN (`role/deploy`), the account "
        "(`payments/deploy`), or the whole ARN.",
    ),
    (
        "PE0743",
        _E,
        "unknown name",
        "No entry of the environment has this name. ARNs, account ids, service principals and "
        "`*` need no entry.",
    ),
    (
        "PE0744",
        _E,
        "name without an ARN",
        "A folder of policies knows principals by name alone. To ask about one, give its ARN.",
    ),
    (
        "PE0745",
        _N,
        "account outside the organization",
        "The account is listed under no root or unit of the organization, so SCPs and RCPs do not "
        "reach it, and its principals have no aws:PrincipalOrgID.",
    ),
    (
        "PE0746",
        _W,
        "owner given and known",
        "The request gives another account for the resource than the environment. What is given "
        "wins (R-CTX-05).",
    ),
)

CODES: dict[str, Diagnostic] = {
    code: Diagnostic(code=code, title=title, severity=severity, text=text)
    for code, severity, title, text in _TABLE
}
