"""Laws of the action catalogue: what it names it has, and patterns cover what they should."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from policyeval.catalogue.keys import KeyNames, is_foreign
from policyeval.catalogue.lookup import (
    about,
    expand,
    find_action,
    global_keys,
    keys_of,
    resources_of,
    service,
    services,
)
from policyeval.catalogue.reach import arn_tokens, reach_of
from policyeval.catalogue.remarks import remarks_on_action, remarks_on_request
from policyeval.finding import Severity
from policyeval.policy import Template, Wildcard

EVERY = expand("*")
PREFIXES = services()
LEVELS = {"Read", "List", "Write", "Tagging", "Permissions management"}
TYPES = {"String", "ARN", "Bool", "Date", "IPAddress", "Numeric", "Binary", ""}


def test_every_action_is_found_by_its_own_name_in_any_letter_case():
    for name in EVERY:
        assert find_action(name).name == name
    for name in EVERY[::50]:
        assert find_action(name.upper()) == find_action(name.lower()) == find_action(name)


def test_every_entry_is_whole():
    for name in EVERY:
        entry = find_action(name)
        assert entry.access_level in LEVELS
        assert len({each.type for each in entry.resources}) == len(entry.resources)
        assert [kind.name for kind in resources_of(name)] == [each.type for each in entry.resources]


def test_every_service_loads_alone_and_has_what_its_actions_name():
    for prefix in PREFIXES:
        found = service(prefix)
        assert found.name
        assert set(found.actions) == {name.lower() for name in expand(f"{prefix}:*")}
        listed = {entry.name for entry in found.condition_keys.values()}
        for entry in found.actions.values():
            assert keys_of(entry.name) <= listed
        for kind in found.resources.values():
            assert set(kind.condition_keys) <= listed
            assert all(arn.startswith("arn:") and arn.count(":") >= 5 for arn in kind.arns)


def test_every_key_has_a_prefix_and_a_known_type():
    for prefix in PREFIXES:
        for key, entry in service(prefix).condition_keys.items():
            assert key == entry.name.lower()
            assert ":" in key
            assert entry.type.removeprefix("ArrayOf") in TYPES


def test_every_resource_type_is_reached_by_its_own_arn_with_stars():
    for prefix in PREFIXES:
        for kind in service(prefix).resources.values():
            for arn in kind.arns:
                pieces = [x if isinstance(x, str) else Wildcard.ANY_RUN for x in arn_tokens(arn)]
                text = "".join(x if isinstance(x, str) else "*" for x in pieces)
                assert reach_of(Template(text, tuple(pieces))).may_match(arn)


def test_the_counts_that_the_catalogue_tells_are_those_it_has():
    told = about()
    assert told.actions == len(EVERY)
    assert told.services == len(PREFIXES)
    assert told.resource_types == sum(len(service(each).resources) for each in PREFIXES)
    names = {entry.name for each in PREFIXES for entry in service(each).condition_keys.values()}
    names |= {entry.name for entry in global_keys().values()}
    assert told.condition_keys == len(names)


SAMPLE = st.sampled_from(EVERY)


@st.composite
def patterns(draw):
    """A name of the catalogue with some stretches made wildcards."""
    name = draw(SAMPLE)
    prefix, _, rest = name.partition(":")
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(rest)))
        end = draw(st.integers(start, len(rest)))
        ones = "*" if "*" in rest[start:end] else "?" * (end - start)
        rest = rest[:start] + draw(st.sampled_from(["*", "**", ones])) + rest[end:]
    return name, f"{prefix}:{rest}"


@given(patterns())
def test_a_pattern_covers_what_a_naive_matcher_says(drawn):
    name, pattern = drawn
    prefix = name.partition(":")[0]
    folded = pattern.lower()
    naive = [each for each in expand(f"{prefix}:*") if fnmatchcase(each.lower(), folded)]
    assert list(expand(pattern)) == naive
    assert name in naive


@given(st.text(max_size=40) | st.from_regex(r"[a-z0-9-]{1,8}:[A-Za-z*?]{0,20}", fullmatch=True))
def test_any_text_is_looked_up_without_an_error(text):
    assert set(expand(text)) <= set(EVERY)
    found = find_action(text)
    assert found is None or found.name.lower() == text.lower()
    remarks = remarks_on_request(text, text)
    assert all(finding.severity is not Severity.ERROR for finding in remarks)
    assert (remarks_on_action(text) == ()) == (found is not None)


def test_a_pattern_as_long_as_can_be_is_answered_at_once():
    assert expand("s3:" + "*" * 200_000) == expand("s3:*")
    assert expand("s3:" + "?a*" * 70_000) == ()
    assert expand("s3:" + "a" * 200_000) == ()


# ---- reach ------------------------------------------------------------------------------------

LETTERS = st.text("ab:/", max_size=4)


@st.composite
def arns_and_patterns(draw):
    """An ARN pattern as in the catalogue, and a pattern that covers an ARN that fits it."""
    head = ["arn", "aws", "svc", draw(st.sampled_from(["", "r"])), draw(st.sampled_from(["", "1"]))]
    parts = draw(st.lists(st.sampled_from(["a", "b", "/", ":", "${X}"]), min_size=1, max_size=5))
    arn = ":".join(["arn", "${Partition}", *head[2:], "".join(parts)])
    text = ":".join([*head, "".join(draw(LETTERS) if p == "${X}" else p for p in parts)])
    fields = text.split(":", 5)
    rest = fields[5]
    pieces = [":".join(fields[:5]) + ":"]
    while rest:
        cut = draw(st.integers(1, len(rest)))
        piece = draw(st.sampled_from(["literal", "run", "ones"]))
        if piece == "literal":
            pieces.append(rest[:cut])
        elif piece == "run":
            pieces.append(Wildcard.ANY_RUN)
        else:
            pieces += [Wildcard.ANY_ONE] * cut
        rest = rest[cut:]
    shown = "".join(piece if isinstance(piece, str) else piece.value for piece in pieces)
    return arn, Template(shown, tuple(pieces))


@given(arns_and_patterns())
def test_a_pattern_that_covers_an_arn_of_a_type_reaches_the_type(drawn):
    arn, template = drawn
    assert reach_of(template).may_match(arn)


@given(st.sampled_from(sorted({key for p in PREFIXES for key in service(p).condition_keys})))
def test_a_key_of_the_catalogue_is_one_of_its_own_names(key):
    filled = key.replace("${", "<").replace("}", ">")
    concrete = "".join("x" if part.startswith("<") else part for part in _split(filled))
    assert concrete in KeyNames.of((key,)) or is_foreign(key)


def _split(text):
    parts, rest = [], text
    while "<" in rest and ">" in rest:
        before, _, after = rest.partition("<")
        inside, _, rest = after.partition(">")
        parts += [before, f"<{inside}>"]
    return [*parts, rest]
