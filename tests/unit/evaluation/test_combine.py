"""`combine` over all its inputs, against the rules written down plainly (R-FLOW-02 to -17)."""

import csv
from itertools import chain, combinations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.decision import CAN_ALLOW, CAN_BE_SILENT, CAN_DENY, Naming, Verdict
from policyeval.evaluation.combine import Answer, combine, combine_possible
from policyeval.evaluation.service_rules import ResourcePart
from policyeval.principal import PrincipalKind
from policyeval.stack import Layer

TABLE = Path(__file__).resolve().parents[3] / "fixtures" / "combine_table.tsv"

RCP, SCP, ENDPOINT, RESOURCE, IDENTITY, BOUNDARY, SESSION = Layer
ALLOW, SILENT, DENY, NONE = Answer.ALLOW, Answer.SILENT, Answer.DENY, Answer.NONE
USER, ROLE_SESSION, FEDERATED_USER = (
    PrincipalKind.IAM_USER,
    PrincipalKind.ROLE_SESSION,
    PrincipalKind.FEDERATED_USER,
)
ROOT = PrincipalKind.ROOT_USER
OUTSIDERS = (PrincipalKind.AWS_SERVICE, PrincipalKind.FEDERATED, PrincipalKind.ANONYMOUS)

# How a resource policy can name each kind of caller (R-MATCH-08).
NAMES = {
    USER: (Naming.ACCOUNT, Naming.DIRECT),
    ROLE_SESSION: (Naming.ACCOUNT, Naming.ROLE, Naming.DIRECT),
    FEDERATED_USER: (Naming.ACCOUNT, Naming.USER_OF_SESSION, Naming.DIRECT),
    ROOT: (Naming.ACCOUNT, Naming.DIRECT),
    **dict.fromkeys(OUTSIDERS, (Naming.DIRECT,)),
}


# ---- the oracle ---------------------------------------------------------------------------


def expected(kind, same_account, part, named, said, *, always=False, closed=False, forbidden=False):
    """What the rules say: the verdict and the blocking layers.

    `named` is the set of ways in which an Allow of the resource policy named the caller.
    """
    if always and not forbidden:
        return Verdict.ALLOWED, set()  # R-FLOW-21
    denying = {layer for layer in Layer if said[layer] == DENY}
    # R-FLOW-03, -04, -05: where such policies are, each layer of them must allow.
    required = {layer for layer in (RCP, SCP, ENDPOINT) if said[layer] == SILENT}
    required |= required_behind_the_gates(kind, same_account, part, named, said)
    if closed:
        required.add(RESOURCE)  # R-FLOW-09: no resource policy can open it
    if forbidden:
        required.add(IDENTITY)  # R-FLOW-10, -16: no identity policy can open it
    blocking = denying | required
    if denying:
        return Verdict.EXPLICIT_DENY, blocking
    return (Verdict.IMPLICIT_DENY if blocking else Verdict.ALLOWED), blocking


def required_behind_the_gates(kind, same_account, part, named, said):
    if kind in OUTSIDERS:
        # R-FLOW-10, -13, -14: the resource policy is the only way in.
        return set() if named else {RESOURCE}
    if kind is ROOT:
        return required_of_root(same_account, part, named, said)
    boundary = {BOUNDARY} if said[BOUNDARY] in (SILENT, DENY) else set()
    session = {SESSION} if said[SESSION] in (SILENT, DENY) else set()
    if kind is FEDERATED_USER and said[SESSION] == NONE:
        session = {SESSION}  # R-FLOW-16
    identity_side = ({IDENTITY} if said[IDENTITY] != ALLOW else set()) | boundary | session
    trust = part is ResourcePart.TRUST
    if not same_account:
        # R-FLOW-09: both sides, whoever is named.
        required = identity_side | (set() if named else {RESOURCE})
    elif Naming.DIRECT in named:
        # R-FLOW-08: the caller's own ARN; R-FLOW-10: but under trust policies the boundary holds.
        required = boundary if trust else set()
    elif Naming.ROLE in named or Naming.USER_OF_SESSION in named:
        required = boundary | session  # R-FLOW-08
    elif Naming.ACCOUNT in named or part in (ResourcePart.EITHER, ResourcePart.NONE):
        required = identity_side  # R-FLOW-07, and R-FLOW-08, -10, -11 for the account
    else:
        # R-FLOW-10, -11: the trust or key policy must allow, and does not. Whether the identity
        # side would have to allow too depends on whom it would name, except that no grant under
        # a trust policy escapes the boundary.
        required = {RESOURCE} | (boundary if trust else set())
    return required


def required_of_root(same_account, part, named, said):
    """R-FLOW-12: no identity policies and no boundary; a task policy where AssumeRoot was used."""
    missing = {SESSION} if said[SESSION] in (SILENT, DENY) else set()
    if not named and (not same_account or part is ResourcePart.KEY):
        missing.add(RESOURCE)
    return missing


# ---- all inputs ---------------------------------------------------------------------------


def subsets(items):
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


def resource_answers(kind, part):
    """Every consistent pair of what the resource policy says and how it names the caller."""
    yield NONE, ()
    if part is ResourcePart.NONE:
        return
    yield SILENT, ()
    for named in subsets(NAMES[kind]):
        if named:
            yield ALLOW, named
        yield DENY, named


def identity_answers(kind):
    """What identity policies, boundary and session policies can say about a kind of caller."""
    if kind in OUTSIDERS:
        return [(NONE, NONE, NONE)]
    if kind is ROOT:
        return [(NONE, NONE, session) for session in Answer]
    return list(product((ALLOW, SILENT, DENY), Answer, Answer))


def bits(named):
    return sum(1 << naming for naming in named)


def check(kind, same_account, part, named, answers, **flags):
    situation = (
        kind,
        same_account,
        part,
        flags.get("always", False),
        flags.get("closed", False),
    )
    got = combine(situation, flags.get("forbidden", False), answers, bits(named))
    said = dict(zip(Layer, answers, strict=True))
    verdict, blocking = expected(kind, same_account, part, set(named), said, **flags)
    in_order = tuple(layer for layer in Layer if layer in blocking)
    assert got == (verdict, in_order), (kind, same_account, part, named, answers, flags)


@pytest.mark.parametrize("part", ResourcePart)
@pytest.mark.parametrize("same_account", [True, False])
@pytest.mark.parametrize("kind", PrincipalKind)
def test_every_answer_behind_the_gates_combines_as_the_rules_say(kind, same_account, part):
    for (resource, named), inner in product(resource_answers(kind, part), identity_answers(kind)):
        check(kind, same_account, part, named, (NONE, ALLOW, NONE, resource, *inner))


@pytest.mark.parametrize("kind", PrincipalKind)
def test_every_answer_of_the_gates_combines_as_the_rules_say(kind):
    inner = identity_answers(kind)
    for gates, same_account, part in product(
        product(Answer, repeat=3), (True, False), ResourcePart
    ):
        for resource, named in resource_answers(kind, part):
            for behind in (inner[0], inner[-1]):
                check(kind, same_account, part, named, (*gates, resource, *behind))


@pytest.mark.parametrize("kind", PrincipalKind)
def test_every_exception_combines_as_the_rules_say(kind):
    for always, closed, forbidden in product((False, True), repeat=3):
        flags = {"always": always, "closed": closed, "forbidden": forbidden}
        for same_account, part in product((True, False), ResourcePart):
            for resource, named in resource_answers(kind, part):
                for behind in identity_answers(kind)[::5]:
                    answers = (ALLOW, ALLOW, SILENT, resource, *behind)
                    check(kind, same_account, part, named, answers, **flags)


# ---- the table ----------------------------------------------------------------------------

WORDS = {"allow": ALLOW, "silent": SILENT, "deny": DENY, "-": NONE}


def rows():
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return list(
        csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    )


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["situation"])
def test_table_row_combines_as_it_says(row):
    named = () if row["named"] == "-" else tuple(Naming[name] for name in row["named"].split(","))
    flags = set(row["flags"].split(",")) - {"-"}
    answers = tuple(WORDS[row[layer.value]] for layer in Layer)
    situation = (
        PrincipalKind(row["caller"]),
        row["account"] == "same",
        ResourcePart(row["part"]),
        "always" in flags,
        "closed" in flags,
    )
    verdict, blocking = combine(situation, "forbidden" in flags, answers, bits(named))
    shown = ",".join(layer.value for layer in blocking) or "-"
    assert (verdict.value, shown) == (row["verdict"], row["blocking"])


def test_table_cites_every_rule_of_the_flow_that_it_can_show():
    cited = {rule for row in rows() for rule in row["rules"].split(",")}
    assert cited >= {f"R-FLOW-{number:02}" for number in (*range(1, 15), 16, 17, 21)}


# ---- open answers -------------------------------------------------------------------------

POSSIBLE = st.integers(0, 7)


def grants_that_fit(certain, perhaps, answer):
    """Every set of namings that goes with an answer of the resource policy."""
    for more in subsets(sorted(perhaps - certain)):
        named = certain | set(more)
        if answer == DENY or bool(named) is (answer == ALLOW):
            yield named


@given(st.data())
def test_open_answers_combine_as_their_certain_answers_do(data):
    kind = data.draw(st.sampled_from(PrincipalKind))
    part = data.draw(st.sampled_from((ResourcePart.EITHER, ResourcePart.TRUST, ResourcePart.KEY)))
    same_account = data.draw(st.booleans())
    possible = [data.draw(POSSIBLE) for _ in Layer]
    namings = st.sets(st.sampled_from(NAMES[kind]))
    certain, perhaps = data.draw(namings), data.draw(namings)
    # A resource policy that certainly grants does not stay silent, and one that may grant says so.
    resource = possible[3] & ~CAN_BE_SILENT if certain else possible[3] | CAN_BE_SILENT
    if certain or perhaps:
        resource |= CAN_ALLOW
    else:
        resource &= ~CAN_ALLOW
    possible[3] = resource
    situation = (kind, same_account, part, False, False)
    verdicts, blocking, only = combine_possible(
        situation, (False,), tuple(possible), bits(certain), bits(perhaps)
    )
    choices = [
        [bit for bit in (CAN_ALLOW, CAN_BE_SILENT, CAN_DENY) if one & bit] or [0]
        for one in possible
    ]
    outcomes = [
        expected(kind, same_account, part, named, dict(zip(Layer, answers, strict=True)))
        for answers in product(*choices)
        for named in grants_that_fit(certain, perhaps, answers[3])
    ]
    assert verdicts == {verdict for verdict, _ in outcomes}
    denials = [layers for verdict, layers in outcomes if verdict is not Verdict.ALLOWED]
    assert set(blocking) == (set.intersection(*denials) if denials else set())
    if len(verdicts) == 1:
        assert {only} == verdicts
    else:
        # R-FLOW-17: denied whatever comes, only the kind is open.
        assert only is (None if Verdict.ALLOWED in verdicts else Verdict.IMPLICIT_DENY)
