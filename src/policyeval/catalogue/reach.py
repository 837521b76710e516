"""Could a Resource pattern of a policy ever match a resource of a type?

Both sides are patterns: the policy's has wildcards and variables, the catalogue's has variables
that stand for any text. In the first five fields all of them stay inside their field (R-MATCH-02).
The answer errs on the side of yes: a policy's variables may become anything.
"""

from __future__ import annotations

from functools import lru_cache

from policyeval.parsing.placeholder import has_placeholder
from policyeval.policy import Template, Wildcard
from policyeval.value import Value, Word

_FIELDS = 6
_LONGEST = 2048  # AWS's own limit for an ARN; a longer one is left alone


class Gap(Word):
    """What a variable of an ARN pattern stands for."""

    FIELD = "a text without a colon; resources of AWS itself have an empty account"
    REGION = "a text without a colon, not empty"
    SEGMENT = "a text without a slash, not empty"
    ANY = "any text"


# Names and ids that hold no slash. Of others the sources do not tell, so they may hold anything.
_NAMED = dict.fromkeys(
    (
        *("BucketName", "TableName", "QueueName", "TopicName", "FunctionName", "KeyId"),
        *("InstanceId", "VolumeId", "VpcId", "SubnetId", "SecurityGroupId", "DistributionId"),
    ),
    Gap.SEGMENT,
) | {"Region": Gap.REGION}

Token = str | Gap


class Reach(Value):
    """A Resource pattern, ready to be held against ARN patterns.

    Bit i of a state means that the first i characters of the pattern are used up; `accepts`
    tells which places a character fits, `any_char` those of `?`, `loops` those of `*`.
    `late` are the places after the fifth colon, where wildcards take colons too.
    """

    everything: bool
    accepts: dict[str, int]
    any_char: int
    loops: int
    late: int
    goal: int

    def may_match(self, arn: str) -> bool:
        """Tell whether some text matches both the pattern and the ARN pattern."""
        if self.everything:
            return True
        state = 1
        for token in arn_tokens(arn):
            if token is Gap.ANY:
                # Every later place can be reached from the first.
                state = (self.goal << 1) - (state & -state)
                continue
            if isinstance(token, Gap):
                # The carry of the sum runs from each place up to the next barrier in the pattern.
                barrier = "/" if token is Gap.SEGMENT else ":"
                free = (self.goal - 1) & ~self.accepts.get(barrier, 0)
                if token is not Gap.FIELD:
                    state = ((state & free) << 1) | (state & self.loops)  # the first character
                state |= (free + (state & free)) ^ free
                continue
            wild = self.late if token == ":" else -1
            step = self.accepts.get(token, 0) | self.any_char & wild
            state = ((state & step) << 1) | (state & self.loops & wild)
            if not state:
                return False
        # What is left of the pattern may be `*`, which takes the empty text too.
        return bool(state & self.goal)


def reach_of(template: Template) -> Reach:
    """Give a Resource pattern in the form that is held against ARN patterns.

    `everything` for `*`, for what the catalogue cannot judge (placeholders, patterns of fewer
    than six fields that AWS completes, R-MATCH-03), and for what is no ARN at all.
    """
    text = template.text
    if (
        len(text) > _LONGEST
        or not text.startswith("arn:")
        or text.count(":") < _FIELDS - 1
        or has_placeholder(text)
    ):
        return Reach(True, {}, 0, 0, 0, 1)
    accepts: dict[str, int] = {}
    any_char = loops = size = colons = late = 0
    for piece in template.pieces:
        if isinstance(piece, str):
            for char in piece:
                accepts[char] = accepts.get(char, 0) | 1 << size
                size += 1
                colons += char == ":"
                if colons == _FIELDS - 1 and not late:
                    late = -1 << size
        elif piece is Wildcard.ANY_ONE:
            any_char |= 1 << size
            size += 1
        else:  # `*`, or a variable
            loops |= 1 << size
    return Reach(False, accepts, any_char, loops, late, 1 << size)


def reach_below(template: Template, separator: str) -> Reach:
    """Give a pattern as it would be with `/*` or `:*` after it."""
    longer = (*template.pieces, separator, Wildcard.ANY_RUN)
    return reach_of(Template(f"{template.text}{separator}*", longer))


def container_of(template: Template) -> Template | None:
    """Give a pattern that ends in `/*` without that end; None for another."""
    if len(template.pieces) < 2 or template.pieces[-1] is not Wildcard.ANY_RUN:
        return None
    *before, last, _star = template.pieces
    if not isinstance(last, str) or not last.endswith("/"):
        return None
    return Template(template.text[:-2], (*before, last[:-1]))


def reach_of_text(text: str) -> Reach:
    """Give the same for the ARN of a request, which is literal text (R-MATCH-04)."""
    return reach_of(Template(text, (text,)))


@lru_cache(maxsize=1024)
def arn_tokens(arn: str) -> tuple[Token, ...]:
    """Give an ARN pattern of the catalogue as characters and gaps."""
    tokens: list[Token] = []
    colons = place = 0
    while place < len(arn):
        gap = Gap.FIELD if colons < _FIELDS - 1 else Gap.ANY
        if arn[place] == "*":
            tokens.append(gap)
            place += 1
        elif arn.startswith("${", place) and (end := arn.find("}", place)) > 0:
            tokens.append(_NAMED.get(arn[place + 2 : end], gap))
            place = end + 1
        else:
            tokens.append(arn[place])
            colons += arn[place] == ":"
            place += 1
    return tuple(tokens)
