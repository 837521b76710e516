"""What the sources leave out and AWS itself shows. Each line says where it is seen.

Short on purpose: a gap belongs into the source; here stands what would make a false remark on a
policy that AWS has written.
"""

GLOBAL_KEYS = {
    # AWS managed policy AWSSSOServiceRolePolicy
    "aws:PrincipalOrgMasterAccountId": "String",
    # the policy that Amazon SNS gives to a new topic
    "aws:SourceOwner": "String",
}

SERVICE_KEYS = {
    # AWS managed policy AmazonDataZoneGlueManageAccessRolePolicy
    "lakeformation": {"lakeformation:GlueARN": "ARN"},
}

CARRIED = {
    # AWS managed policies AnthropicFullAccess and ROSAManageSubscription
    "aws-marketplace:Subscribe": ["aws-marketplace:ProductId"],
    "aws-marketplace:Unsubscribe": ["aws-marketplace:ProductId"],
    # aws-samples/data-perimeter-policy-examples, restrict_untrusted_endpoints_scp.json
    "states:InvokeHTTPEndpoint": ["states:HTTPEndpoint"],
}


def correct(services, global_keys):
    """Add what the sources leave out; raises KeyError for an action that is no longer there."""
    for action, keys in CARRIED.items():
        prefix, _, name = action.partition(":")
        carried = services[prefix]["actions"][name]["keys"]
        carried += [key for key in keys if key not in carried]
    for prefix, keys in SERVICE_KEYS.items():
        for key, kind in keys.items():
            services[prefix]["keys"].setdefault(key, kind)
    for key, kind in GLOBAL_KEYS.items():
        global_keys.setdefault(key, kind)
