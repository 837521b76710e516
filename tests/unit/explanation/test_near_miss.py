"""Near misses: the nearest statements, however many there are."""

from policyeval import Layer, PolicyStack, Request, evaluate, explain, parse_policy


def test_nearest_statement_is_found_among_thousands():
    statements = [
        {
            "Sid": f"S{place}",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::bucket-{place}/*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": f"t{place}"}},
        }
        for place in range(3000)
    ]
    policy = parse_policy({"Version": "2012-10-17", "Statement": statements})
    request = Request.of(
        "arn:aws:iam::111122223333:user/ana", "s3:GetObject", "arn:aws:s3:::bucket-2500/x"
    )
    decision = evaluate(request, PolicyStack.of({Layer.IDENTITY_POLICY: [policy]}))
    nearest = explain(decision).causes[0].statements[0]
    assert nearest.ref.statement.sid == "S2500"
    assert [part.key for part in nearest.failing] == ["aws:PrincipalTag/team"]
