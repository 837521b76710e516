"""What a request is about: the action and the resource."""

from __future__ import annotations

from policyeval.value import Value


class Resource(Value):
    """The resource of a request: literal text, `*` where the action has none (R-MATCH-04).

    `account` owns it, empty where unknown; the other parts are those of its ARN, empty for `*`.
    """

    text: str
    partition: str = ""
    service: str = ""
    region: str = ""
    account: str = ""

    def __str__(self) -> str:
        return self.text


class Action(Value):
    """`service:name`; `text` keeps the spelling, `folded` is what comparison uses (R-MATCH-01).

    `service` is the prefix, lower case.
    """

    text: str
    folded: str
    service: str

    @property
    def name(self) -> str:
        """The action's own name as written."""
        return self.text.partition(":")[2]

    def __str__(self) -> str:
        return self.text
