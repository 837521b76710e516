"""Pasted messages and log events: PE17xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE1701",
        ERROR,
        "text without a request",
        "A single argument is a text that tells of a request: an AccessDenied message, wherever it "
        "stands, a CloudTrail event, the JSON of `aws sts decode-authorization-message` or of "
        "GetRequestAuthorizationDetails, or a case of `policyeval decide`. This one is none of them. "
        "`-` reads standard input, and the name of a file reads the file.",
        wrong='policyeval why "it does not work"',
        right='policyeval why "User: … is not authorized to perform: s3:GetObject on resource: …"',
        rules="R-MSG-01, R-MSG-03, R-MSG-05",
    ),
    diagnostic(
        "PE1702",
        WARNING,
        "masked account",
        "Somebody, or AWS itself (API Gateway does), has hidden the account in an ARN: "
        "`********1234`, `***`. The account decides which policies apply, so the ARN is of no use. "
        "Give it whole.",
        right="policyeval why MESSAGE --resource arn:aws:execute-api:eu-west-1:111122223333:abc/*",
        rules="R-MSG-01",
    ),
    diagnostic(
        "PE1703",
        WARNING,
        "resource that is no ARN",
        "The message names the resource in other words than its ARN. Names of roles, users, groups "
        "and policies are completed, and marked `(rebuilt)`; others are not guessed.",
        rules="R-MSG-01",
    ),
    diagnostic(
        "PE1704",
        NOTE,
        "reason not understood",
        "The message ends in words that no known message of AWS has. They are shown as they stand; "
        "which policies deny is then found from the policies given, with no claim of AWS to compare.",
        rules="R-MSG-02",
    ),
    diagnostic(
        "PE1705",
        NOTE,
        "encoded authorization message",
        "EC2 adds an encoded message that AWS alone can read; it holds the whole request. The "
        "command shown decodes it (it needs sts:DecodeAuthorizationMessage) and hands the answer "
        "to `policyeval why -`.",
        rules="R-MSG-03",
    ),
    diagnostic(
        "PE1706",
        NOTE,
        "authorization details",
        "AWS keeps the details of this denial: the request's context, the policies asked and the "
        "statements that matched. The command shown fetches them and hands them to "
        "`policyeval why -`.",
        rules="R-MSG-02, R-MSG-05",
    ),
    diagnostic(
        "PE1707",
        ERROR,
        "decoded message that does not fit",
        "The JSON looks like a decoded authorization message and lacks its `context`, or holds a "
        "`DecodedMessage` that is no JSON. Paste what the AWS CLI printed, whole.",
        rules="R-MSG-03",
    ),
    diagnostic(
        "PE1708",
        NOTE,
        "statement that AWS names",
        "AWS tells which statement matched. It can be laid beside the statement that this answer "
        "names.",
        rules="R-MSG-03, R-MSG-05",
    ),
    diagnostic(
        "PE1709",
        ERROR,
        "authorization details that do not fit",
        "The JSON looks like the answer of GetRequestAuthorizationDetails and holds no evaluation, "
        "or no request context. Paste it whole; a later page alone does not tell the request.",
        rules="R-MSG-05",
    ),
    diagnostic(
        "PE1710",
        WARNING,
        "context value not understood",
        "The value of a context key is no text, number, boolean or list of them. The key is taken to "
        "be unknown; give it with --context if it decides.",
        rules="R-MSG-05",
    ),
    diagnostic(
        "PE1711",
        ERROR,
        "request told in part",
        "The text tells a part of the request alone. S3 and older services name neither caller nor "
        "resource, some messages no resource. Give what is missing as flags beside the text.",
        right='policyeval why "… Access Denied" --principal ARN --action s3:GetObject --resource ARN',
        rules="R-MSG-01",
    ),
    diagnostic(
        "PE1712",
        ERROR,
        "record without a request",
        "The record is none that policies decide, such as a console sign-in or an event that a "
        "service writes of itself, or it lacks what tells the request.",
        rules="R-MSG-04",
    ),
)
