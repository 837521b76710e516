"""policyeval: why is this AWS request allowed or denied?

The names below are the library; each is loaded when it is first used, so that importing the
package costs nothing. A tour is in docs/embedding.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyeval.lazy import lazy_names

if TYPE_CHECKING:
    from policyeval.arn import Arn
    from policyeval.context import ABSENT, UNKNOWN, Facts
    from policyeval.decision import Decision, LayerVerdict, Verdict
    from policyeval.environment.file import load_environment
    from policyeval.environment.model import Environment
    from policyeval.errors import PolicyEvalError
    from policyeval.evaluation.engine import evaluate
    from policyeval.explanation.explain import explain
    from policyeval.finding import Finding
    from policyeval.parsing.arn import parse_arn
    from policyeval.parsing.policy import parse_policy
    from policyeval.policy import Policy, PolicyType
    from policyeval.query.who_can import who_can
    from policyeval.request import Request
    from policyeval.stack import AttachedPolicy, Layer, PolicyStack

__version__ = "0.1.0"

__all__ = [
    "ABSENT",
    "UNKNOWN",
    "Arn",
    "AttachedPolicy",
    "Decision",
    "Environment",
    "Facts",
    "Finding",
    "Layer",
    "LayerVerdict",
    "Policy",
    "PolicyEvalError",
    "PolicyStack",
    "PolicyType",
    "Request",
    "Verdict",
    "evaluate",
    "explain",
    "load_environment",
    "parse_arn",
    "parse_policy",
    "who_can",
]

_HOMES = {
    "ABSENT": "context",
    "UNKNOWN": "context",
    "Arn": "arn",
    "AttachedPolicy": "stack",
    "Decision": "decision",
    "Environment": "environment.model",
    "Facts": "context",
    "Finding": "finding",
    "Layer": "stack",
    "LayerVerdict": "decision",
    "Policy": "policy",
    "PolicyEvalError": "errors",
    "PolicyStack": "stack",
    "PolicyType": "policy",
    "Request": "request",
    "Verdict": "decision",
    "evaluate": "evaluation.engine",
    "explain": "explanation.explain",
    "load_environment": "environment.file",
    "parse_arn": "parsing.arn",
    "parse_policy": "parsing.policy",
    "who_can": "query.who_can",
}

__getattr__, __dir__ = lazy_names(globals(), _HOMES)
