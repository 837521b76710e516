"""What the tests of the parser ask of findings."""

from policyeval.parsing.policy import read_policy


def codes(findings):
    return [finding.code for finding in findings]


def underlined(finding):
    """The text that the caret stands under."""
    span = finding.location.resolve()
    return finding.location.source.text[span.start : span.end]


def found(data, code, **options):
    """The one finding of a code in a document, which must have no other errors."""
    policy, findings = read_policy(data, **options)
    matching = [finding for finding in findings if finding.code == code]
    assert len(matching) == 1, findings
    return policy, matching[0]


def statement(**changes):
    """A statement that nothing is to be said about; None takes an element away."""
    plain = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    merged = {**plain, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def document(*statements, **changes):
    """A document that nothing is to be said about."""
    merged = {"Version": "2012-10-17", "Statement": list(statements) or [statement()], **changes}
    return {name: value for name, value in merged.items() if value is not None}
