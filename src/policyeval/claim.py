"""What an AccessDenied message says of itself: which kind of denial, by which type of policy.

A claim is AWS's word for one layer of perhaps several; `why` compares it with the engine's own
answer (semantics.md, R-MSG-04).
"""

from __future__ import annotations

from policyeval.stack import Layer
from policyeval.value import Value


class Claim(Value):
    """What a message or log says was decided.

    `explicit` is None where the text does not tell; `layer` is None where it names no type.
    `allowed` is set where a log shows that the call succeeded. `trust`: the layer was worded as
    the role trust policy. `through` is the layer that a VPC endpoint policy's denial was handed
    on from ("transitively through"). `policy_arn` is empty where AWS does not disclose it.
    """

    explicit: bool | None = None
    layer: Layer | None = None
    policy_arn: str = ""
    allowed: bool = False
    trust: bool = False
    through: Layer | None = None
