"""Questions about many principals at once: PE19xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE1901",
        ERROR,
        "a condition key that tells who calls",
        "`who-can` and `matrix` ask about every principal; a value for aws:PrincipalArn, aws:userid "
        "and the like is true of one of them only. Each principal's own values are filled in.",
        wrong="policyeval who-can s3:GetObject logs --context aws:username=ana",
        right="policyeval why ana s3:GetObject logs",
        rules="R-CTX-01, R-CTX-05",
    ),
    diagnostic(
        "PE1902",
        WARNING,
        "the resource's account is not known",
        "The ARN of a bucket or an object does not tell its account, and the environment has no "
        "entry for it. Each principal is then asked as if the resource were its own account's, so "
        "principals of several accounts may be listed of which only one account's can be right.",
        right="policyeval who-can s3:GetObject arn:aws:s3:::logs/a --resource-account 111122223333",
        rules="R-ARN-03, R-FLOW-09",
    ),
    diagnostic(
        "PE1903",
        WARNING,
        "wildcards in the resource that is asked about",
        "A request names one resource. `*` and `?` in it are compared as they stand, so a statement "
        "about a part of what the pattern means is not found, and a Deny about a part neither. "
        "`policyeval can PRINCIPAL` answers with patterns.",
        wrong="policyeval who-can s3:GetObject arn:aws:s3:::pay/*",
        right="policyeval who-can s3:GetObject arn:aws:s3:::pay/2026/may.csv",
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1904",
        WARNING,
        "principals that are known by name alone",
        "A folder of policies tells the names of users and roles, not their accounts and kinds. "
        "Nobody can be asked about without an ARN, so these are missing from the answer, whatever "
        "they may do.",
        right="identity/deploy.meta.yaml with `arn: arn:aws:iam::111122223333:role/deploy`",
        rules="R-ARN-04",
    ),
    diagnostic(
        "PE1905",
        NOTE,
        "a listed principal that nobody can ask about",
        "A resource policy lists a text that names no principal: the unique id of a user or role "
        "that was deleted, a canonical user id of which no account is known, or a provider that "
        "cannot make this call. It is left out of the answer.",
        right="accounts: { house: { id: …, canonical-user: 79a5… } }",
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE1906",
        NOTE,
        "a role chain that runs in a circle",
        "Each of these roles can be assumed from the one before, and the first from the last. A "
        "session can so renew itself for ever, beyond the hour that chained sessions may last, and "
        "whoever holds one of the roles holds all of them. The search ends all the same.",
        rules="R-FLOW-10",
    ),
    diagnostic(
        "PE1907",
        ERROR,
        "a pattern that means nothing",
        "`matrix` takes names and patterns. A pattern of principals or resources is compared with "
        "what the environment lists, a pattern of actions with the action catalogue; this one fits "
        "none of them. An empty table would look like an answer.",
        wrong="--principals 'roles/*'",
        right="--principals 'role/*'",
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE1908",
        WARNING,
        "a pattern of actions that do not exist",
        "What a principal can do is listed by the actions of the catalogue. A statement has a pattern "
        "that covers none of them: a misspelt service, or one newer than the catalogue. What AWS "
        "allows by it is missing from the list.",
        wrong='"Action": "s3s:*"',
        right='"Action": "s3:*"',
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE1909",
        WARNING,
        "too many or too tangled patterns to cut one grant",
        "Every pattern that other statements or foreign resources put inside the resources of a grant "
        "is evaluated. Beyond a few hundred, or where patterns full of `*` meet, they are not, and "
        "taken to deny: the list tells less than the principal can do, never more.",
        right="policyeval can deploy --on arn:aws:s3:::logs",
        rules="R-FLOW-02",
    ),
    diagnostic(
        "PE1910",
        WARNING,
        "a grant that one policy cannot say",
        "`--as-policy` writes what a principal can do as one document that allows no more. A grant "
        "stays out of it where its answer hangs on another policy (a key's, a role's), where two "
        "patterns must both match, or where one condition key would be asked twice by one operator.",
        right="policyeval can deploy",
        rules="R-FLOW-06",
    ),
)
