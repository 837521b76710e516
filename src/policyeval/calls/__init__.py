"""From a call of an SDK, the AWS CLI or a log to the IAM requests that it makes (R-FLOW-18)."""
