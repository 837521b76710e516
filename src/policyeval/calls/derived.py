"""Facts that follow from the parameters of a call: parts of names, URLs and partial ARNs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policyeval.calls.parameters import Parameters, Tree
from policyeval.calls.shorthand import read_value

Facts = dict[str, Any]


def facts_of(client: str, parameters: Parameters) -> Facts:
    """Give the parameters that are contained in others, by the names the templates use."""
    derive = _BY_SERVICE.get(client)
    return derive(parameters) if derive is not None else {}


def _s3(parameters: Parameters) -> Facts:
    """The source of a copy, what upload_file hands on, and the names in an access point's ARN."""
    extra = parameters.get("ExtraArgs")
    facts: Facts = dict(extra) if isinstance(extra, dict) else {}
    inner = parameters.with_facts(facts)
    bucket = inner.text("Bucket")
    if bucket.endswith("--x-s3"):
        facts["DirectoryBucket"] = bucket
    if any(f"Grant{kind}" in inner for kind in ("FullControl", "Read", "ReadACP", "WriteACP")):
        facts["Grants"] = "given"
    facts |= _copy_source(parameters.get("CopySource"))
    key = parameters.text("Key")
    if bucket.startswith("arn:") and ":accesspoint/" in bucket and key:
        facts["ObjectArn"] = f"{bucket}/object/{key}"
    return facts


PROFILE_REGIONS = frozenset({"us", "us-gov", "eu", "apac", "jp", "au", "ca", "global"})


def _bedrock(parameters: Parameters) -> Facts:
    """What a model's id names: a foundation model, or an inference profile over several regions."""
    model = parameters.text("ModelId")
    place, dot, _ = model.partition(".")
    if model.startswith("arn:") or not dot:
        return {}
    return {"InferenceProfile" if place in PROFILE_REGIONS else "FoundationModel": model}


def _copy_source(source: object) -> Facts:
    """`bucket/key?versionId=…`, or a map of the three."""
    if isinstance(source, dict):
        facts: Facts = {
            "SourceBucket": source.get("bucket"),
            "SourceKey": source.get("key"),
            "SourceVersionId": source.get("versionid"),
        }
        return facts | {"CopySourceText": f"{source.get('bucket', '')}/{source.get('key', '')}"}
    if not isinstance(source, str):
        return {}
    if source.startswith("{"):
        tree = Parameters({"Source": read_value(source, "{")}).get("Source")
        return _copy_source(tree) if isinstance(tree, dict) else {}
    from urllib.parse import unquote

    text, _, version = source.partition("?versionId=")
    text = unquote(text.removeprefix("/"))
    facts = {"CopySourceText": text}
    if version:
        facts["SourceVersionId"] = version
    bucket, _, key = text.partition("/")
    if text.startswith("arn:"):
        return facts | {"SourceBucket": text}
    return facts | {"SourceBucket": bucket, "SourceKey": key}


def _sqs(parameters: Parameters) -> Facts:
    """`https://sqs.eu-west-1.amazonaws.com/111122223333/orders` names region, account and queue."""
    parts = parameters.text("QueueUrl").split("/")
    if len(parts) < 5 or parts[0] not in ("https:", "http:"):
        return {}
    host = parts[2].split(".")
    region = host[1] if host[0] == "sqs" and len(host) > 3 else ""
    return {"QueueName": parts[4], "account": parts[3], "region": region}


def _lambda(parameters: Parameters) -> Facts:
    """A function's name may be an ARN, `account:function:name`, and carry a qualifier."""
    name = parameters.text("FunctionName")
    if not name:
        return {}
    qualifier = parameters.text("Qualifier")
    suffix = f":{qualifier}" if qualifier and qualifier != "$LATEST" else ""
    if name.startswith("arn:"):
        qualified = name.count(":") > 6
        return {"QualifiedFunction": name if qualified else name + suffix}
    parts = name.split(":")
    if len(parts) > 2 and parts[1] == "function":
        parts = parts[2:]
    function, *rest = parts
    facts: Facts = {"Function": function}
    facts["QualifiedFunction"] = f"{function}:{rest[0]}" if rest else function + suffix
    if rest or suffix:
        facts["FunctionQualifier"] = rest[0] if rest else qualifier
    return facts


_KINDS = {
    "ami": "image",
    "acl": "network-acl",
    "cr": "capacity-reservation",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "key": "key-pair",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpn": "vpn-connection",
}
"""What the ids of EC2 begin with (Amazon EC2 User Guide: Resource IDs)."""


def _ec2(parameters: Parameters) -> Facts:
    """The resources behind ids, and what RunInstances says in two places."""
    facts: Facts = {}
    tagged = parameters.texts("Resources") or parameters.texts("ResourcesSet[].ResourceId")
    resources = []
    for text in tagged:
        kind = _KINDS.get(text.partition("-")[0])
        resources.append(text if text.startswith("arn:") or kind is None else f"{kind}/{text}")
    if resources:
        facts["TaggedResources"] = resources
    interfaces = parameters.texts("NetworkInterfaces[].NetworkInterfaceId")
    if interfaces:
        facts["UsedInterfaces"] = list(interfaces)
    subnets = parameters.texts("NetworkInterfaces[].SubnetId")
    if subnets:
        facts["SubnetId"] = list(subnets)
    specifications = parameters.all("TagSpecifications[]") or parameters.all(
        "TagSpecificationSet[]"
    )
    if specifications:
        facts["TagSpecifications"] = specifications
    groups = (
        parameters.texts("SecurityGroupIds")
        or parameters.texts("NetworkInterfaces[].Groups")
        or parameters.texts("GroupSet[].GroupId")
    )
    if groups:
        facts["LaunchGroups"] = list(groups)
    return facts


def _dynamodb(parameters: Parameters) -> Facts:
    """The tables of a batch, and those of PartiQL statements by their verb."""
    items = parameters.get("RequestItems")
    facts: Facts = {}
    if isinstance(items, Tree):
        facts["Tables"] = [{"table": name} for name, _ in items.spelled]
    statements = [
        *parameters.texts("Statement"),
        *parameters.texts("Statements[].Statement"),
        *parameters.texts("TransactStatements[].Statement"),
    ]
    for statement in statements:
        verb, table = _partiql(statement)
        facts.setdefault(verb or "Unclear", []).append({"table": table})
    if statements and "Unclear" not in facts:
        facts |= {f"No{verb}": "true" for verb in _PARTIQL if verb not in facts}
    return facts


_PARTIQL = ("Selects", "Inserts", "Updates", "Deletes")


def _partiql(statement: str) -> tuple[str, str]:
    """Give the kind of a PartiQL statement and its table; an index stands behind a dot."""
    words = statement.replace("\n", " ").split()
    if not words:
        return "", ""
    verb = words[0].upper()
    before = {"SELECT": "FROM", "DELETE": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}.get(verb)
    upper = [word.upper() for word in words]
    if before not in upper or upper.index(before) + 1 >= len(words):
        return "", ""
    name = words[upper.index(before) + 1].rstrip(";")
    table, dot, index = name.replace('"', "").partition(".")
    return f"{verb.title()}s", f"{table}/index/{index}" if dot and index else table


def _logs(parameters: Parameters) -> Facts:
    """A log group by name, or by an identifier that may be its ARN with `:*` behind."""
    names = []
    for text in (
        *parameters.texts("LogGroupName"),
        *parameters.texts("LogGroupNames"),
        *parameters.texts("LogGroupIdentifier"),
        *parameters.texts("LogGroupIdentifiers"),
    ):
        names.append(text.split(":", 6)[-1].removesuffix(":*") if text.startswith("arn:") else text)
    return {"LogGroup": names} if names else {}


def _route53(parameters: Parameters) -> Facts:
    """Ids without their kind, and what ChangeResourceRecordSets changes, as its keys write it."""
    facts: Facts = {}
    for fact, name in (
        ("ZoneId", "HostedZoneId"),
        ("ZoneId", "Id"),
        ("ChangeId", "Id"),
        ("DelegationSetId", "DelegationSetId"),
        ("HealthCheckId", "HealthCheckId"),
    ):
        text = parameters.text(name)
        if text:
            facts.setdefault(fact, text.rpartition("/")[2])
    names = parameters.texts("ChangeBatch.Changes[].ResourceRecordSet.Name")
    if names:
        facts["RecordNames"] = [name.lower().rstrip(".") for name in names]
    return facts


def _events(parameters: Parameters) -> Facts:
    """The bus of a rule, where it is not the default one, and that of an entry."""
    facts: Facts = {"Bus": parameters.text("EventBusName") or "default"}
    bus = parameters.text("EventBusName").rpartition("/")[2]
    if bus and bus != "default":
        facts["CustomBus"] = bus
    entries = [
        {**item, "bus": item.get("eventbusname") or "default"}
        for item in parameters.all("Entries[]")
        if isinstance(item, dict)
    ]
    return facts | {"BusEntries": entries} if entries else facts


def _sns(parameters: Parameters) -> Facts:
    target = parameters.text("TopicArn") or parameters.text("TargetArn")
    return {"TopicOrTarget": target} if target else {}


def _ssm(parameters: Parameters) -> Facts:
    """Names of parameters without the slash that their ARNs leave out."""
    tagged = parameters.text("ResourceId")
    names = [
        text.removeprefix("/")
        for name in ("Name", "Names", "Path")
        for text in parameters.texts(name)
        if not text.startswith("arn:")
    ]
    facts: Facts = {"ParameterName": names} if names else {}
    return facts | ({"ParameterOfResourceId": tagged.removeprefix("/")} if tagged else {})


def _iam(parameters: Parameters) -> Facts:
    """Names with the path that a Create operation gives them; the host of an OIDC provider."""
    facts: Facts = {}
    path = parameters.text("Path").strip("/")
    for fact, name in (
        ("RolePath", "RoleName"),
        ("UserPath", "UserName"),
        ("GroupPath", "GroupName"),
        ("PolicyPath", "PolicyName"),
        ("ProfilePath", "InstanceProfileName"),
    ):
        text = parameters.text(name)
        if path and text:
            facts[fact] = f"{path}/{text}"
    name = parameters.text("PolicyName")
    if name and "PolicyPath" not in facts and "RoleName" not in parameters:
        facts["PolicyPath"] = name
    host = parameters.text("Url").removeprefix("https://")
    return facts | {"ProviderHost": host} if host else facts


def _ecs(parameters: Parameters) -> Facts:
    """Family and revision of a task definition; the default cluster where none is named."""
    family, _, revision = parameters.text("TaskDefinition").partition(":")
    facts: Facts = {}
    if family and family != "arn":
        facts = {"TaskFamily": family, "TaskRevision": revision}
    cluster = parameters.text("Cluster")
    if not cluster:
        facts["Cluster"] = "default"
    return facts


def _elbv2(parameters: Parameters) -> Facts:
    kinds = {"application": "app", "network": "net", "gateway": "gwy"}
    kind = parameters.text("Type").lower() or "application"
    return {"KindOfBalancer": kinds.get(kind, "")}


def _kms(parameters: Parameters) -> Facts:
    alias = parameters.text("AliasName")
    return {"AliasShort": alias.removeprefix("alias/")} if alias else {}


def _scheduler(parameters: Parameters) -> Facts:
    return {"ScheduleGroup": parameters.text("GroupName") or "default"}


_BY_SERVICE: dict[str, Callable[[Parameters], Facts]] = {
    "bedrock-runtime": _bedrock,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "ecs": _ecs,
    "elbv2": _elbv2,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "route53": _route53,
    "s3": _s3,
    "scheduler": _scheduler,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
}
