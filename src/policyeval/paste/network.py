"""Where the call came from: address, VPC endpoint, and services in between (R-CTX-03, R-FLOW-13).

Source: CloudTrail User Guide, "CloudTrail record contents" (`sourceIPAddress`, `vpcEndpointId`,
`userAgent`, `tlsDetails`) and "userIdentity element" (`invokedBy`).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from policyeval.paste.caller import INTERNAL, Caller, is_service
from policyeval.paste.fields import Fields, shown
from policyeval.principal import PrincipalKind

Keys = dict[str, Any]
Tell = Callable[[str, Any, str], None]  # a key, its value, the field that told it

_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)

_SERVES_CHAIN = frozenset(
    {
        "athena.amazonaws.com",
        "cloudformation.amazonaws.com",
        "dynamodb.amazonaws.com",
        "kms.amazonaws.com",
    }
)
"""Services known to fill in aws:CalledVia; there are others. [reference_policies_condition-keys]"""

_ENDPOINT_ID_SINCE = (1, 4)


def read_network(fields: Fields, caller: Caller, region: str) -> tuple[Keys, dict[str, str]]:
    """Give the context keys of the call's way, and where each was read."""
    keys: Keys = {}
    origins: dict[str, str] = {}

    def tell(key: str, value: Any, origin: str) -> None:
        keys[key], origins[key] = value, origin

    service = _service_between(fields)
    _through_service(fields, caller, service, region, tell)
    if service:
        # AWS: what stands in vpcEndpointId is an endpoint of that service, not the caller's.
        if caller.kind not in (PrincipalKind.AWS_SERVICE, None) and keys.get("aws:ViaAWSService"):
            tell("aws:SourceVpce", None, "userIdentity.invokedBy")
            tell("aws:SourceVpc", None, "userIdentity.invokedBy")
    else:
        _address(fields, tell)
    if fields.mapping("tlsDetails"):
        tell("aws:SecureTransport", True, "tlsDetails")
    elif fields.text("additionalEventData.CipherSuite"):
        tell("aws:SecureTransport", True, "additionalEventData.CipherSuite")
    _agent(fields, tell)
    return keys, origins


def _service_between(fields: Fields) -> str:
    """Give the AWS service that made the call, itself or for somebody; empty where none did."""
    invoked_by = fields.text("userIdentity.invokedBy")
    address = fields.text("sourceIPAddress")
    for text in (invoked_by, address):
        if is_service(text):
            return text
    return INTERNAL if INTERNAL in (invoked_by, address) else ""


def _through_service(fields: Fields, caller: Caller, service: str, region: str, tell: Tell) -> None:
    key, origin = "aws:ViaAWSService", "userIdentity.invokedBy"
    if caller.kind in (None, PrincipalKind.AWS_SERVICE, PrincipalKind.ANONYMOUS):
        return
    assert caller.principal is not None
    if not service:
        if fields.text("sourceIPAddress"):
            tell(key, False, "sourceIPAddress")
            tell("aws:CalledVia", None, "sourceIPAddress")
        return
    if caller.principal.is_service_linked:
        tell(key, False, "userIdentity.sessionContext.sessionIssuer.arn")
        return
    if service == INTERNAL or caller.kind is PrincipalKind.ROLE_SESSION:
        fields.note(
            "PE1730",
            "the call came from inside AWS: whether on the caller's behalf is not told"
            if service == INTERNAL
            else f"{shown(service)} made the call: with the caller's credentials, or with a role "
            "of its own",
            origin,
            "give aws:ViaAWSService: true if somebody's call to that service led to this one, "
            "false if the role is one that the service was given",
        )
        return
    # A user's credentials in the hands of a service: a forward access session (R-FLOW-13).
    tell(key, True, origin)
    if service in _SERVES_CHAIN:
        tell("aws:CalledViaLast", service, origin)
    if fields.text("eventSource") == "kms.amazonaws.com" and region:
        name, _, ending = service.partition(".")
        tell("kms:ViaService", f"{name}.{region}.{ending}", origin)


def _address(fields: Fields, tell: Tell) -> None:
    text = fields.text("sourceIPAddress")
    endpoint = fields.text("vpcEndpointId")
    if endpoint and not endpoint.startswith("vpce-"):
        fields.note(
            "PE1729",
            f"the call came through a network of AWS's own, {shown(endpoint)}: aws:SourceVpce and "
            "aws:SourceIp are unknown",
            "vpcEndpointId",
        )
        return
    try:
        address = ip_address(text) if text else None
    except ValueError:
        fields.odd("sourceIPAddress", f"{shown(text)}, which is no address")
        address = None
    private = address is not None and any(
        address in net for net in _PRIVATE if net.version == address.version
    )
    if endpoint:
        _through_endpoint(fields, endpoint, str(address or ""), private, tell)
    elif private:
        fields.note(
            "PE1729",
            f"the address {shown(text)} is private, and the event names no VPC endpoint: "
            "aws:SourceIp and aws:SourceVpce are unknown",
            "sourceIPAddress",
            "give aws:SourceVpce and aws:VpcSourceIp if the call went through an endpoint",
        )
    elif address is not None:
        tell("aws:SourceIp", str(address), "sourceIPAddress")
        if _version(fields) >= _ENDPOINT_ID_SINCE:
            # With an endpoint the event would name it, and the address would be one of the VPC.
            for key in ("aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp"):
                tell(key, None, "vpcEndpointId")


def _through_endpoint(
    fields: Fields, endpoint: str, address: str, private: bool, tell: Tell
) -> None:
    sure = fields.text("eventType") == "AwsVpceEvent" or (private and not _from_console(fields))
    if not sure:
        fields.note(
            "PE1729",
            f"the event names the VPC endpoint {shown(endpoint)}, which may be one of the console "
            "or of a service: aws:SourceVpce and aws:SourceIp are unknown",
            "vpcEndpointId",
            "give aws:SourceVpce if the endpoint is yours, aws:SourceIp if it is not",
        )
        return
    tell("aws:SourceVpce", endpoint, "vpcEndpointId")
    tell("aws:SourceIp", None, "vpcEndpointId")
    if private:
        tell("aws:VpcSourceIp", address, "sourceIPAddress")


def _from_console(fields: Fields) -> bool:
    agent = fields.text("userAgent")
    return fields.text("sessionCredentialFromConsole") == "true" or "Console/" in agent[:64]


def _version(fields: Fields) -> tuple[int, ...]:
    parts = fields.text("eventVersion").split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
        return (0,)
    return tuple(int(part) for part in parts)


def _agent(fields: Fields, tell: Tell) -> None:
    text = fields.text("userAgent")
    # CloudTrail writes an agent of its own for calls of consoles and services, and cuts at 1 KB.
    if not text or text == INTERNAL or is_service(text) or len(text) >= 1000:
        return
    if text.startswith("[") and text.endswith("]") and fields.text("eventSource").startswith("s3"):
        text = text[1:-1]  # S3 puts the header into brackets
    tell("aws:UserAgent", text, "userAgent")
