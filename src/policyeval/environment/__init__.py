"""The world of a request: `environment.yaml` or a folder of policies, as one immutable noun."""
