"""Compiled patterns answer as a matcher does that tries everything (R-MATCH-01, R-MATCH-02)."""

from hypothesis import example, given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import Facts
from policyeval.evaluation.engine import evaluate
from policyeval.glob import ANY_ONE, ANY_RUN, FIELD_ONE, FIELD_RUN, compile_glob
from policyeval.parsing.policy import parse_policy
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack


def tokens_match(tokens, text):
    """Try every length for every run."""
    if not tokens:
        return text == ""
    first, rest = tokens[0], tokens[1:]
    if isinstance(first, str):
        return text.startswith(first) and tokens_match(rest, text[len(first) :])
    if first in (ANY_ONE, FIELD_ONE):
        allowed = text != "" and (first is ANY_ONE or text[0] != ":")
        return allowed and tokens_match(rest, text[1:])
    return any(
        tokens_match(rest, text[size:])
        for size in range(len(text) + 1)
        if first is ANY_RUN or ":" not in text[:size]
    )


TOKENS = st.one_of(
    st.sampled_from((ANY_RUN, ANY_ONE, FIELD_RUN, FIELD_ONE)),
    st.text(alphabet="ab:", max_size=3),
)


@given(st.lists(TOKENS, max_size=7), st.text(alphabet="ab:", max_size=9))
@example([], "")
@example([ANY_RUN, FIELD_RUN, "a"], ":a")
@example(["", ANY_RUN, "", ANY_ONE], "a")
@example([FIELD_RUN, ANY_ONE, FIELD_RUN], ":")
@example(["ab", ANY_RUN, "ba"], "aba")
def test_compiled_tokens_match_what_trying_everything_matches(tokens, text):
    assert compile_glob(tokens)(text) == tokens_match(tokens, text)


@given(st.lists(TOKENS, max_size=7), st.data())
def test_compiled_tokens_match_a_text_made_from_them(tokens, data):
    made = ""
    for token in tokens:
        if isinstance(token, str):
            made += token
        else:
            field = token in (FIELD_ONE, FIELD_RUN)
            size = 1 if token in (ANY_ONE, FIELD_ONE) else data.draw(st.integers(0, 3))
            made += data.draw(
                st.text(alphabet="ab" if field else "ab:", min_size=size, max_size=size)
            )
    assert compile_glob(tokens)(made)


def resource_matches(pattern, text):
    """R-MATCH-02 as it is written: case-sensitive, the whole string.

    `*` and `?` span everything after the pattern's fifth colon; before it they stay inside their
    field, except that a `*` at the end of its field may run on past colons.
    """

    def match(i, j):
        if i == len(pattern):
            return j == len(text)
        char = pattern[i]
        in_resource_part = pattern[:i].count(":") >= 5
        if char == "?":
            allowed = j < len(text) and (in_resource_part or text[j] != ":")
            return allowed and match(i + 1, j + 1)
        if char == "*":
            ends_field = i + 1 == len(pattern) or pattern[i + 1] == ":"
            end = j
            while True:
                if match(i + 1, end):
                    return True
                if end == len(text):
                    return False
                if text[end] == ":" and not (in_resource_part or ends_field):
                    return False
                end += 1
        return j < len(text) and text[j] == char and match(i + 1, j + 1)

    return match(0, 0)


FIELDS = st.tuples(
    st.sampled_from(("aws", "*", "a*", "a?s")),
    st.sampled_from(("sqs", "*", "s*", "s?s", "s*s")),
    st.sampled_from(("eu-west-1", "*", "eu*", "eu-west-?", "*-1")),
    st.sampled_from((strategies.ACCOUNT, "*", "1*", "*3", "1?1122223333")),
    st.text(alphabet="ab:/*?", max_size=5),
)
PATTERNS = st.builds(
    lambda fields, size: ":".join(("arn", *fields[:size])), FIELDS, st.integers(1, 5)
)
QUEUES = st.text(alphabet="ab:/", min_size=1, max_size=5).map(
    lambda rest: f"arn:aws:sqs:eu-west-1:{strategies.ACCOUNT}:{rest}"
)


@given(PATTERNS, QUEUES)
@example("arn:aws:sqs:*:*", f"arn:aws:sqs:eu-west-1:{strategies.ACCOUNT}:a:b")
@example("arn:aws:sqs:*:a:*", f"arn:aws:sqs:eu-west-1:{strategies.ACCOUNT}:b:a:c")
@example("arn:aws:sqs:*b:a", f"arn:aws:sqs:eu-west-1:{strategies.ACCOUNT}:b:a")
@example("arn:aws:sqs:eu?west-1:*:a", f"arn:aws:sqs:eu-west-1:{strategies.ACCOUNT}:a")
def test_resource_pattern_matches_what_the_rule_says(pattern, resource):
    statement = {"Effect": "Allow", "Action": "*", "Resource": pattern}
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement})
    request = Request.of(strategies.USER, "sqs:SendMessage", resource, facts=Facts.COMPLETE)
    decision = evaluate(request, PolicyStack.of({Layer.IDENTITY_POLICY: [policy]}))
    # A pattern with fewer than six fields is completed too (R-MATCH-03).
    missing = max(0, 5 - pattern.count(":"))
    completed = pattern + ":*" * missing
    expected = resource_matches(pattern, resource) or resource_matches(completed, resource)
    assert decision.allowed is expected


@given(
    st.text(alphabet="get*?", min_size=1, max_size=6),
    st.text(alphabet="GETget", min_size=1, max_size=6),
)
def test_action_pattern_matches_whatever_the_letter_case(pattern, name):
    policy = parse_policy(
        {"Statement": {"Effect": "Allow", "Action": f"s3:{pattern}", "Resource": "*"}}
    )
    request = Request.of(strategies.USER, f"s3:{name}", strategies.OBJECT, facts=Facts.COMPLETE)
    decision = evaluate(request, PolicyStack.of({Layer.IDENTITY_POLICY: [policy]}))
    tokens = [{"*": ANY_RUN, "?": ANY_ONE}.get(char, char) for char in pattern]
    assert decision.allowed is tokens_match(tokens, name.lower())


def arn_parts_match(pattern, text):
    """R-COND-12: six parts, each matched on its own; the sixth spans everything."""
    wanted, given_parts = pattern.split(":", 5), text.split(":", 5)
    if len(wanted) != 6 or len(given_parts) != 6:
        return False
    marks = {"*": ANY_RUN, "?": ANY_ONE}
    return all(
        tokens_match([marks.get(char, char) for char in one], other)
        for one, other in zip(wanted, given_parts, strict=True)
    )


@given(
    st.text(alphabet="a:*?", max_size=8).map(lambda rest: f"arn:{rest}"),
    st.text(alphabet="a:", max_size=8).map(lambda rest: f"arn:{rest}"),
)
@example("arn:*", "arn:a:a:a:a:a")
@example("arn:*:*:*:*:*", "arn:a:a:a:a:a:a")
@example("arn:::::?", "arn::::::")
def test_arn_operator_matches_part_by_part(pattern, value):
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": pattern}},
    }
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement})
    request = Request.of(
        strategies.USER,
        "s3:GetObject",
        strategies.OBJECT,
        {"aws:SourceArn": value},
        facts=Facts.COMPLETE,
    )
    decision = evaluate(request, PolicyStack.of({Layer.IDENTITY_POLICY: [policy]}))
    assert decision.allowed is arn_parts_match(pattern, value)
