"""Small environments for questions about many."""

from policyeval.environment.model import (
    Account,
    Environment,
    Group,
    Identity,
    OwnedResource,
    PolicyDocument,
)
from policyeval.parsing.policy import parse_policy

HOME, AWAY = "111122223333", "444455556666"
BUCKET = "arn:aws:s3:::logs"
LOG = f"{BUCKET}/a.log"


def user(name, account=HOME):
    return f"arn:aws:iam::{account}:user/{name}"


def role(name, account=HOME):
    return f"arn:aws:iam::{account}:role/{name}"


def root(account=HOME):
    return f"arn:aws:iam::{account}:root"


def statement(effect="Allow", action="s3:GetObject", resource="*", **more):
    whole = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {key: value for key, value in whole.items() if value is not None}


def when(**values):
    """A condition on keys of `aws:`: `when(SourceVpce="vpce-1")`."""
    return {"StringEquals": {f"aws:{key}": value for key, value in values.items()}}


def policy(*statements, name="policy.json"):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return PolicyDocument.of(parse_policy(document, name=name))


def trust(*principals, name="trust.json", **more):
    listed = {"AWS": list(principals)}
    return (
        policy(
            statement(action="sts:AssumeRole", resource=None, Principal=listed, **more), name=name
        ),
    )


def person(arn, *statements, **more):
    name = arn.rpartition("/")[2]
    documents = (policy(*statements, name=f"identity/{name}.json"),) if statements else ()
    return Identity(name, arn, arn.split(":")[4], documents, **more)


def bucket(*statements, arn=BUCKET, owner=HOME):
    documents = (policy(*statements, name="resource/logs.json"),) if statements else ()
    return OwnedResource(arn.rpartition(":")[2], arn, owner, documents)


def world(*people, resources=None, groups=(), **more):
    listed = [bucket()] if resources is None else resources
    return Environment(
        accounts={"home": Account("home", HOME), "away": Account("away", AWAY)},
        identities={entry.name: entry for entry in people},
        resources={entry.name: entry for entry in listed},
        groups={name: Group(name, documents) for name, documents in dict(groups).items()},
        **more,
    )
