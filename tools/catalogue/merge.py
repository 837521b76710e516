"""Two sources to one: the fuller one, and what the newer one adds.

In plain form a service is {"name", "keys": {key: type}, "resources": {type: {"arn", "other_arns",
"keys"}}, "actions": {name: action}}, an action {"level", "keys", "needs", "resources": {type:
{"required", "keys", "needs"}}, "complete"}; not `complete` where the source does not tell all of
its resource types.
"""

import re

GLOBAL = "aws"  # the pseudo-service that holds the global condition keys
_VARIABLE = re.compile(r"\$\{[^}]*\}|\*")
_ACTION = re.compile(r"[A-Za-z0-9_-]+")
_KEY_SUFFIX = re.compile(r"<[^>]*>|\$\{[^}]*\}")


def merge(full, newer):
    """Give all services of both; where both speak about the same, `full` has the word.

    The newer one adds services, actions, resource types, condition keys, and to the actions that
    both know the keys that only it has. It never takes away: an action that AWS has retired stays
    until both have dropped it.
    """
    merged = {prefix: _normal(service) for prefix, service in full.items()}
    for prefix, service in newer.items():
        service = _normal(service)
        if prefix in merged:
            _add(merged[prefix], service)
        else:
            merged[prefix] = service
    for service in merged.values():
        _spell_alike(service)
    return merged


def with_global_keys(services, global_keys):
    """Give the services, sorted, and among them the one that stands for the global keys."""
    keys = dict(sorted(global_keys.items()))
    found = {"name": "Global condition keys", "keys": keys, "resources": {}, "actions": {}}
    return dict(sorted({**services, GLOBAL: found}.items()))


def _normal(service):
    actions = {}
    for name, action in service["actions"].items():
        if not _ACTION.fullmatch(name):
            raise ValueError(f"an action with this name: {name!r}")
        actions[name] = action | {"needs": _dependent(action["needs"])}
        for each in action["resources"].values():
            each["needs"] = _dependent(each["needs"])
    resources = {}
    for name, resource in service["resources"].items():
        arns = [arn.strip() for arn in resource["arn"].split(", arn:")]
        arns = [arns[0], *(f"arn:{arn}" for arn in arns[1:])]
        resources[name] = {"arn": arns[0], "other_arns": arns[1:], "keys": resource["keys"]}
    return {**service, "actions": actions, "resources": resources}


def _spell_alike(service):
    """Give every key the spelling of the service's own list.

    AWS's pages differ in letter case, the sources in the part that varies.
    """
    spelled = {}
    for key in service["keys"]:
        spelled.setdefault(_bare(key), key)
    for entry in (*service["resources"].values(), *service["actions"].values()):
        for holder in (entry, *_rows(entry)):
            holder["keys"] = list(
                dict.fromkeys(spelled.get(_bare(key), key) for key in holder["keys"])
            )


def _rows(entry):
    return entry["resources"].values() if "resources" in entry else ()


def _dependent(names):
    # AWS's pages have stray words among the dependent actions.
    return sorted({name for name in names if ":" in name and " " not in name})


def _add(service, newer):
    for key, kind in newer["keys"].items():
        if _bare(key) not in {_bare(known) for known in service["keys"]}:
            service["keys"][key] = kind
    for name, resource in newer["resources"].items():
        _add_resource(service["resources"], name, resource)
    known = {name.lower() for name in service["actions"]}
    for name, action in newer["actions"].items():
        if name in service["actions"]:
            _add_keys(service, service["actions"][name], action)
        elif name.lower() not in known:
            service["actions"][name] = action


def _add_resource(resources, name, newer):
    mine = resources.setdefault(name, newer)
    if mine is newer:
        return
    shapes = {_shape(arn) for arn in (mine["arn"], *mine["other_arns"])}
    for arn in (newer["arn"], *newer["other_arns"]):
        if _shape(arn) not in shapes:
            shapes.add(_shape(arn))
            mine["other_arns"].append(arn)


def _add_keys(service, action, newer):
    known = {_bare(key) for key in action["keys"]}
    for name, each in action["resources"].items():
        known |= {_bare(key) for key in each["keys"]}
        known |= {_bare(key) for key in service["resources"][name]["keys"]}
    if newer.get("twice"):
        # Two services share the prefix and the action, as the two API Gateways do; the fuller
        # source keeps the resource types of one of them.
        action["complete"] = False
    action["keys"] += [key for key in newer["keys"] if _bare(key) not in known]


def _bare(key):
    return _KEY_SUFFIX.sub("", key.lower())


def _shape(arn):
    """An ARN without the names of its variables, which the sources spell differently."""
    return _VARIABLE.sub("*", arn)
