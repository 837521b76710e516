"""First tests for policies that exist: from what the statements say, and from what CloudTrail saw.

What is expected are answers of today, or AWS's own: a person reads them before they are law.
"""
