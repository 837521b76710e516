"""Log events: PE172x and PE173x."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE1721",
        ERROR,
        "a record that cannot be read",
        "One line or element of a log file is no JSON, is longer than 4 MiB, nests deeper than 100 "
        "levels, or is not in UTF-8. The other records are read all the same. Of several such lines "
        "in a row only the first is named. Where a list breaks off, so that the next element cannot "
        "be found, the message says from which one on nothing was read.",
        wrong='{"eventName": "GetObject",}',
        right='{"eventName": "GetObject"}',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE1722",
        ERROR,
        "a log file that cannot be unpacked",
        "The file begins like gzip, but its data is damaged, ends too early, is followed by "
        "something else, or gives more than 4 GiB: a few bytes can stand for any number of them, so "
        "there has to be an end. Records before that place were read.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE1723",
        WARNING,
        "a key that appears twice",
        "An object of this record has the same key twice. JSON does not say which one counts; the "
        "last one was taken. CloudTrail writes no such records: something on the way did.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE1724",
        ERROR,
        "no event",
        "There is nothing in the input, or a record that has no eventSource and no eventName, and so "
        "is no CloudTrail event. Understood are CloudTrail's log files, the output of `aws "
        "cloudtrail lookup-events`, JSON Lines, lists, single events, and events inside of "
        "EventBridge events, SNS notifications and CloudWatch Logs; each with gzip or without.",
        wrong='{"name": "GetObject"}',
        right='{"eventSource": "s3.amazonaws.com", "eventName": "GetObject"}',
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE1725",
        WARNING,
        "a field that cannot be used",
        "A field of the event holds something that it cannot hold: an address that is none, a time "
        "that is none, a number where a text belongs, an ARN without an account. It was left out, "
        "and what it would have told is unknown. Events that were shortened or made anonymous "
        "often have such fields.",
        wrong='"sourceIPAddress": "255.018.064.253"',
        right='"sourceIPAddress": "203.0.113.9"',
        rules="R-CTX-03, R-FLOW-20",
    ),
    diagnostic(
        "PE1726",
        NOTE,
        "the event does not tell the principal",
        "An event for the owner of a resource names a caller of another account by account and "
        "unique id alone; the event in the caller's account, with the same sharedEventID, has the "
        "ARN. Some events of sign-ins and of users of IAM Identity Center have no ARN at all. "
        "Without a principal nothing can be decided: give it.",
        rules="R-CTX-01",
    ),
    diagnostic(
        "PE1727",
        NOTE,
        "the event does not tell the resource",
        "CloudTrail lists resources for some services only, and leaves out what is secret or long. "
        "Neither `resources` nor the parameters of the call tell the ARN that IAM compared. It is "
        "not guessed: give it.",
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1728",
        WARNING,
        "an event that contradicts itself",
        "Two fields tell different things about one fact: the ARN and the account of the caller, a "
        "session and its role, the message of a denial and the rest of the event. The finding names "
        "both, and which one is used. Events that were made anonymous field by field show this; so "
        "do events that somebody changed.",
        rules="R-CTX-05",
    ),
    diagnostic(
        "PE1729",
        NOTE,
        "the way of the call is not certain",
        "aws:SourceIp is there when a call came over the internet, aws:SourceVpce and "
        "aws:VpcSourceIp when it came through a VPC endpoint. A private address without a VPC "
        "endpoint in the event, and an endpoint that belongs to the console or to a service, leave "
        "both open. Give the keys if you know the way.",
        rules="R-CTX-03",
    ),
    diagnostic(
        "PE1730",
        NOTE,
        "on whose behalf a service called is not told",
        "invokedBy names the service that made the call. With the credentials of a user that is a "
        "call on the user's behalf: aws:ViaAWSService is true. With those of a role it may be that, "
        "or the service may have been given the role: then aws:ViaAWSService is false. The event is "
        "the same in both cases, so the key is unknown.",
        rules="R-FLOW-13",
    ),
    diagnostic(
        "PE1731",
        NOTE,
        "the outcome does not tell what policies decided",
        "The call failed for another reason than policies: it was throttled, its parameters are "
        "wrong, the thing does not exist. Some services look at that before they ask IAM and some "
        "after, so neither ALLOWED nor DENIED follows from it. EC2's DryRunOperation is the "
        "exception: it is the answer to a call that would have been allowed.",
        rules="R-MSG-04",
    ),
    diagnostic(
        "PE1732",
        WARNING,
        "a call that is not known",
        "The event's service or operation is not among those known here: it is newer than the data, "
        "is one that only a console or an agent makes, or is misspelt. Its IAM action is not guessed.",
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE1733",
        NOTE,
        "a hidden field",
        "CloudTrail hides some values (HIDDEN_DUE_TO_SECURITY_REASONS). What the field would have "
        "told is unknown.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1734",
        NOTE,
        "a denial that no policy is behind",
        "The call was refused with AccessDenied because of a setting, not of a policy: such as "
        "billing data that the account has not opened to IAM users and roles. No policy can change "
        "that.",
        rules="R-FLOW-19",
    ),
    diagnostic(
        "PE1735",
        NOTE,
        "more things than are read",
        "One call names very many things, and each is a request of its own. The first 200 of a list "
        "are read; the requests for the others are not among the answers.",
        rules="R-FLOW-18",
    ),
)
