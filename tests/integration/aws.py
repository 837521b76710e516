"""A moto server in a process of its own, a relay that can be told to fail, and a small world."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config

REGION = "eu-west-1"
ACCOUNT = "123456789012"
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "made-up"}
HOP_BY_HOP = ("connection", "transfer-encoding", "content-length", "date", "server")


# ---- the server -----------------------------------------------------------------------------


@contextmanager
def moto_server():
    """Start a moto server on a free port; gives its port."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=os.environ | {"PYTHONWARNINGS": "ignore", "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield _port_of(process, log)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _port_of(process, log):
    for _ in range(600):
        log.seek(0)
        found = re.search(r"Running on http://127\.0\.0\.1:(\d+)", log.read())
        if found:
            return int(found[1])
        assert process.poll() is None, "the moto server ended"
        time.sleep(0.05)
    raise AssertionError("the moto server does not say its port")


# ---- the relay ------------------------------------------------------------------------------


class Seen(NamedTuple):
    """A request: the operation's name as far as the protocol tells, else method and path."""

    service: str
    operation: str
    key: str
    region: str
    path: str


class Relay(ThreadingHTTPServer):
    """Stands between boto3 and moto. It is an HTTP proxy too, for hosts that do not exist.

    `fault(seen)` gives None, or the code of the error to answer with; called for each request.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, port):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = port
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.reset()

    def reset(self):
        self.seen = []
        self.heal()

    def heal(self):
        self.fault = lambda _seen: None

    def count(self, operation):
        return sum(seen.operation == operation for seen in self.seen)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def log_message(self, *_args):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = self._seen(body)
        self.server.seen.append(seen)
        code = self.server.fault(seen)
        if code is not None:
            self._answer(*_error(code, seen))
            return
        connection = HTTPConnection("127.0.0.1", self.server.target, timeout=20)
        try:
            parts = urlsplit(self.path)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(self.command, path, body, dict(self.headers))
            found = connection.getresponse()
            kept = {k: v for k, v in found.getheaders() if k.lower() not in HOP_BY_HOP}
            self._answer(found.status, found.read(), kept)
        finally:
            connection.close()

    do_GET = do_POST = do_PUT = do_HEAD = _relay

    def _answer(self, status, data, headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _seen(self, body):
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", self._authorization())
        key, region, service = scope.groups() if scope else ("", "", "")
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        form = self.headers.get("Content-Type", "").startswith("application/x-www-form")
        action = parse_qs(body.decode()).get("Action", [""])[0] if form else ""
        path = urlsplit(self.path)
        query = f"?{path.query}" if path.query else ""
        return Seen(
            service,
            target or action or f"{self.command} {path.path}{query}",
            key,
            region,
            self.path,
        )

    def _authorization(self):
        return self.headers.get("Authorization", "")


def _error(code, seen):
    message = f"{code} because the test wants so"
    status = 403 if "Denied" in code or "Expired" in code else 400
    if seen.service in ("s3", "iam", "sts", "sns", "ec2"):
        inner = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if seen.service == "ec2":
            inner = f"<Response><Errors>{inner}</Errors><RequestID>1</RequestID></Response>"
        elif seen.service != "s3":
            inner = f"<ErrorResponse>{inner}</ErrorResponse>"
        return status, inner.encode(), {"Content-Type": "text/xml"}
    data = json.dumps({"__type": code, "message": message}).encode()
    return status, data, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}


@contextmanager
def relay(port):
    """Start a relay to a server on a port."""
    server = Relay(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# ---- who asks -------------------------------------------------------------------------------


def home(folder, *, config="", credentials=""):
    """Make a home folder with the files of the AWS CLI."""
    aws = Path(folder) / ".aws"
    aws.mkdir(parents=True)
    (aws / "config").write_text(config, encoding="utf-8")
    (aws / "credentials").write_text(credentials, encoding="utf-8")
    return Path(folder)


def variables(folder, server, **more):
    """Give the environment variables under which AWS is what a relay shows of it."""
    return {
        "HOME": str(folder),
        "USERPROFILE": str(folder),
        "AWS_ENDPOINT_URL": server.url,
        # The host of this service has the account in front: no such host, so by way of the proxy.
        "AWS_ENDPOINT_URL_S3_CONTROL": "http://control.test",
        "HTTP_PROXY": server.url,
        "NO_PROXY": "127.0.0.1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


# ---- the world ------------------------------------------------------------------------------


def document(*statements):
    whole = {"Effect": "Allow", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole | each for each in statements]})


class World:
    """A small account, by real boto3 through a real server."""

    def __init__(self, url):
        self.url = url
        self.key = self.member = self.organization = self.endpoint = ""

    def client(self, service, **more):
        settings = {"endpoint_url": self.url, "region_name": REGION} | KEYS | more
        return boto3.client(service, **settings)

    def proxy(self):
        """The host of this service has the account in front: the server is its proxy."""
        return Config(proxies={"http": self.url})

    @contextmanager
    def using(self, service, **more):
        made = self.client(service, **more)
        try:
            yield made
        finally:
            made.close()

    def build(self):
        self._identities()
        self._storage()
        self._messages()
        self._others()
        self._network()
        self._tree()
        return self

    def _identities(self):
        with self.using("iam") as iam:
            managed = iam.create_policy(
                PolicyName="feed",
                PolicyDocument=document({"Sid": "Feed", "Action": "sqs:SendMessage"}),
            )["Policy"]["Arn"]
            boundary = iam.create_policy(
                PolicyName="edge",
                PolicyDocument=document({"Action": ["s3:*", "kms:*"]}, {"Action": "sqs:*"}),
            )["Policy"]["Arn"]
            iam.create_role(
                Path="/care/",
                RoleName="keeper",
                AssumeRolePolicyDocument=json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": {
                            "Effect": "Allow",
                            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"},
                            "Action": "sts:AssumeRole",
                        },
                    }
                ),
                PermissionsBoundary=boundary,
                Tags=[{"Key": "team", "Value": "pets"}],
            )
            iam.put_role_policy(
                RoleName="keeper",
                PolicyName="see",
                PolicyDocument=document(
                    {"Sid": "See", "Action": ["s3:GetObject", "iam:ListUsers"]},
                    {
                        "Sid": "Own",
                        "Action": "s3:PutBucketTagging",
                        "Condition": {"StringEquals": {"aws:ResourceTag/team": "pets"}},
                    },
                ),
            )
            iam.attach_role_policy(RoleName="keeper", PolicyArn=managed)
            iam.create_user(UserName="ana", Tags=[{"Key": "team", "Value": "pets"}])
            iam.create_group(GroupName="developers")
            iam.put_group_policy(
                GroupName="developers",
                PolicyName="dev",
                PolicyDocument=document({"Action": "sqs:ListQueues"}),
            )
            iam.add_user_to_group(GroupName="developers", UserName="ana")

    def _storage(self):
        with self.using("s3") as s3:
            for bucket in ("pets", "toys"):
                s3.create_bucket(
                    Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
                )
            s3.put_bucket_policy(
                Bucket="pets",
                Policy=document(
                    {
                        "Sid": "NoSecrets",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::pets/secret/*",
                    }
                ),
            )
            s3.put_bucket_tagging(
                Bucket="pets", Tagging={"TagSet": [{"Key": "team", "Value": "pets"}]}
            )
        with self.using(
            "s3control", endpoint_url="http://control.test", config=self.proxy()
        ) as control:
            control.create_access_point(AccountId=ACCOUNT, Name="window", Bucket="pets")
        with self.using("kms") as kms:
            metadata = kms.create_key(
                Policy=document(
                    {
                        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/care/keeper"},
                        "Action": "kms:Decrypt",
                    }
                ),
                Tags=[{"TagKey": "use", "TagValue": "pets"}],
            )["KeyMetadata"]
            self.key = metadata["Arn"]
            kms.create_alias(AliasName="alias/pets", TargetKeyId=metadata["KeyId"])

    def _messages(self):
        anyone = {"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}
        with self.using("sqs") as sqs:
            # Two names that some file systems take for one.
            for name in ("Orders", "orders"):
                sqs.create_queue(
                    QueueName=name,
                    Attributes={"Policy": document(anyone | {"Action": "sqs:SendMessage"})},
                )
        with self.using("sns") as sns:
            sns.create_topic(Name="news")
        with self.using("secretsmanager") as secrets:
            secrets.create_secret(Name="pets/token", SecretString="hush-never-written")
            secrets.put_resource_policy(
                SecretId="pets/token",
                ResourcePolicy=document(anyone | {"Action": "secretsmanager:GetSecretValue"}),
            )
            secrets.create_secret(Name="bare", SecretString="hush-never-written")

    def _others(self):
        anyone = {"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}
        with self.using("ecr") as ecr:
            ecr.create_repository(repositoryName="pets/web")
            ecr.set_repository_policy(
                repositoryName="pets/web",
                policyText=json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "ecr:BatchGetImage", **anyone}],
                    }
                ),
            )
            ecr.create_repository(repositoryName="bare")
        with self.using("dynamodb") as dynamodb:
            dynamodb.create_table(
                TableName="pets",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/pets"
            dynamodb.put_resource_policy(
                ResourceArn=arn,
                Policy=document(anyone | {"Action": "dynamodb:GetItem", "Resource": arn}),
            )
        with self.using("events") as events:
            events.create_event_bus(Name="pets")
        with self.using("apigateway") as api:
            api.create_rest_api(
                name="pets", policy=document(anyone | {"Action": "execute-api:Invoke"})
            )

    def _network(self):
        with self.using("ec2") as ec2:
            vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
            self.endpoint = ec2.create_vpc_endpoint(
                VpcId=vpc,
                ServiceName=f"com.amazonaws.{REGION}.s3",
                VpcEndpointType="Gateway",
                PolicyDocument=document({"Principal": "*", "Action": "s3:ListBucket"}),
            )["VpcEndpoint"]["VpcEndpointId"]

    def _tree(self):
        with self.using("organizations") as org:
            self.organization = org.create_organization(FeatureSet="ALL")["Organization"]["Id"]
            root = org.list_roots()["Roots"][0]["Id"]
            org.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
            unit = org.create_organizational_unit(ParentId=root, Name="Pets")
            unit = unit["OrganizationalUnit"]["Id"]
            made = org.create_account(Email="vet@example.com", AccountName="vet")
            self.member = made["CreateAccountStatus"]["AccountId"]
            org.move_account(AccountId=self.member, SourceParentId=root, DestinationParentId=unit)
            scp = org.create_policy(
                Name="protect-buckets",
                Description="",
                Type="SERVICE_CONTROL_POLICY",
                Content=document(
                    {"Sid": "NobodyDeletes", "Effect": "Deny", "Action": "s3:DeleteBucket"}
                ),
            )["Policy"]["PolicySummary"]["Id"]
            org.attach_policy(PolicyId=scp, TargetId=unit)
