"""What people read, byte for byte: change it with `--update-golden` and review it as prose."""

import pytest
from tests.golden.worlds import WORLDS

from policyeval.parsing.policy import read_policy
from policyeval.rendering.markdown import render_markdown
from policyeval.rendering.text import render_findings, render_text

BROKEN = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Queues",
      "Effect": "Alow",
      "Action": ["sqs:*", "queue"],
      "Resource": "arn:aws:sqs:eu-west-1:22223333444:orders-*"
    }
  ]
}
"""


@pytest.mark.parametrize("name", WORLDS)
def test_text(name, golden):
    golden(f"{name}.txt", render_text(WORLDS[name]()))


def test_full_trace_in_ascii(golden):
    text = render_text(WORLDS["scp_denies"](), verbose=2, width=100, ascii_only=True)
    golden("scp_denies_full_trace.txt", text)


def test_markdown(golden):
    golden("across_accounts_markdown.txt", render_markdown(WORLDS["across_accounts"]()))


def test_findings(golden):
    _, findings = read_policy(BROKEN, name="policies/identity/deploy.json")
    golden("findings.txt", render_findings(findings))
