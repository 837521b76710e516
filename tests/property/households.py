"""Environments over the alphabet of `strategies`: several principals, shared policies, trust."""

from hypothesis import strategies as st
from tests.property import strategies as alphabet
from tests.property.strategies import ACCOUNT, BUCKET, KEY, OTHER_ACCOUNT, QUEUE, below, once_in

from policyeval.context import UNKNOWN
from policyeval.environment.model import (
    Account,
    Environment,
    Group,
    Identity,
    OrganizationTree,
    OwnedResource,
    PolicyDocument,
    Unit,
)
from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.stack import Layer

PEOPLE = (
    ("ana", f"arn:aws:iam::{ACCOUNT}:user/ana"),
    ("dev", f"arn:aws:iam::{ACCOUNT}:role/dev"),
    ("ops", f"arn:aws:iam::{ACCOUNT}:role/team/ops"),
    ("bob", f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob"),
    ("far", f"arn:aws:iam::{OTHER_ACCOUNT}:role/far"),
)
BOSS = "999900001111"
HOLDINGS = (BUCKET, QUEUE, KEY)


def unreadable(name):
    """A policy that nobody can read."""
    return PolicyDocument(name, lambda: (None, (UNREADABLE,)))


def _finding():
    from policyeval.finding import Finding, Severity

    return Finding("PE0724", Severity.ERROR, "broken")


UNREADABLE = _finding()


def read(document, layer):
    return PolicyDocument.of(parse_policy(document, type=alphabet.TYPES[layer]))


@st.composite
def some_documents(draw, layer, *, may_break=True):
    """None where nothing was given; else no policy, or some."""
    kind = draw(below(8))
    if kind == 0:
        return None
    if kind == 1:
        return ()
    if kind == 2 and may_break and once_in(draw, 3):
        return (unreadable("broken.json"),)
    drawn = [alphabet.draw_document(draw, PolicyType(layer.value))]
    if kind > 5:
        drawn.append(alphabet.everything(layer))
    return tuple(read(document, layer) for document in drawn)


def _trust(draw):
    statement = {"Effect": "Allow", "Action": alphabet.pick(draw, ("sts:AssumeRole", "sts:*"))}
    statement["Principal"] = alphabet.pick(draw, alphabet.LISTED_PRINCIPALS)
    return (PolicyDocument.of(parse_policy({"Statement": [statement]})),)


def _control(draw, layer):
    return draw(some_documents(layer)) if once_in(draw, 2) else None


@st.composite
def households(draw):
    """Draw an environment of five principals in two accounts."""
    shared = draw(some_documents(Layer.IDENTITY_POLICY)) or ()
    identities = {}
    for name, arn in PEOPLE:
        own = draw(some_documents(Layer.IDENTITY_POLICY))
        groups = ("all",) if ":user/" in arn and once_in(draw, 2) else ()
        if own is not None and once_in(draw, 2):
            own = (*own, *shared)
        boundary = draw(some_documents(Layer.PERMISSIONS_BOUNDARY)) if once_in(draw, 2) else None
        trust = _trust(draw) if ":role/" in arn and not once_in(draw, 4) else None
        identities[name] = Identity(
            name, arn, arn.split(":")[4], own, groups, boundary, trust, {"team": "shop"}
        )
    resources = {
        arn: OwnedResource(
            arn,
            arn,
            alphabet.pick(draw, ("", ACCOUNT, OTHER_ACCOUNT)) if arn == BUCKET else ACCOUNT,
            draw(some_documents(Layer.RESOURCE_POLICY)),
        )
        for arn in HOLDINGS
        if not once_in(draw, 5)
    }
    tree = None
    if once_in(draw, 2):
        accounts = alphabet.pick(draw, ((ACCOUNT,), (ACCOUNT, OTHER_ACCOUNT)))
        scp, rcp = Layer.SERVICE_CONTROL_POLICY, Layer.RESOURCE_CONTROL_POLICY
        root = Unit("root", "r-1", _control(draw, scp), _control(draw, rcp), accounts=accounts)
        tree = OrganizationTree("o-1", BOSS, root)
    complete = frozenset(layer for layer in Layer if once_in(draw, 2))
    return Environment(
        organization=tree,
        accounts={
            "home": Account("home", ACCOUNT),
            "away": Account("away", OTHER_ACCOUNT),
            "boss": Account("boss", BOSS),
        },
        identities=identities,
        groups={"all": Group("all", draw(some_documents(Layer.IDENTITY_POLICY)) or ())},
        resources=resources,
        complete=complete,
    )


def contexts():
    """Draw a context: some keys valued, some unknown."""
    return _contexts()


@st.composite
def _contexts(draw):
    return alphabet.draw_context(draw, (UNKNOWN,))
