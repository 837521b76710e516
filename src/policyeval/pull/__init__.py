"""Collects an account through boto3: the one package that talks to AWS."""
