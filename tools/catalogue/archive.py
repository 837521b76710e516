"""Writes the file that `policyeval.catalogue.archive` reads."""

import json
import zlib
from collections import Counter
from hashlib import sha256

from policyeval.catalogue.archive import MAGIC
from policyeval.catalogue.lookup import ACCESS_LEVELS

_DICTIONARY_SIZE = 32768  # what zlib takes


def pack(services, about):
    """Give the bytes of the archive. The same input gives the same bytes."""
    members = {prefix: _json(_member(service)) for prefix, service in services.items()}
    dictionary = _dictionary(members.values())
    body = bytearray(zlib.compress(dictionary, 9))
    header = {"dictionary": len(body), "members": {}}
    for prefix, content in members.items():
        packer = zlib.compressobj(9, zdict=dictionary)
        stream = packer.compress(content) + packer.flush()
        header["members"][prefix] = [len(body), len(stream)]
        body += stream
    counts = {
        "services": sum(bool(service["actions"]) for service in services.values()),
        "actions": _count(services, "actions"),
        "resource_types": _count(services, "resources"),
        "condition_keys": len({key for each in services.values() for key in _keys_of(each)}),
    }
    header["about"] = about | counts | {"sha256": sha256(body).hexdigest()}
    return MAGIC + _json(header) + b"\n" + bytes(body)


def _count(services, part):
    return sum(len(service[part]) for service in services.values())


def _json(data):
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def _member(service):
    """The data of a service as it is stored: condition keys by their place in `keys`."""
    keys = sorted(_keys_of(service).items(), key=lambda item: (item[0].lower(), item[0]))
    place = {key: i for i, (key, _) in enumerate(keys)}

    def places(names):
        return sorted({place[name] for name in names})

    actions = {}
    for name, action in sorted(service["actions"].items()):
        rows = []
        for kind, each in sorted(action["resources"].items()):
            row = [kind, int(each["required"])]
            if each["keys"] or each["needs"]:
                row += [places(each["keys"]), each["needs"]]
            rows.append(row)
        level = ACCESS_LEVELS.index(action["level"])
        actions[name] = [level, places(action["keys"]), rows, action["needs"]]
        if not action["complete"]:
            actions[name].append(0)
    resources = {
        name: [each["arn"], each["other_arns"], places(each["keys"])]
        for name, each in sorted(service["resources"].items())
    }
    return {"name": service["name"], "keys": keys, "resources": resources, "actions": actions}


def _keys_of(service):
    """{key: type}: those that the service lists, and those that it uses without listing them."""
    return dict.fromkeys(_used_keys(service), "") | service["keys"]


def _used_keys(service):
    for resource in service["resources"].values():
        yield from resource["keys"]
    for action in service["actions"].values():
        yield from action["keys"]
        for each in action["resources"].values():
            yield from each["keys"]


def _dictionary(members):
    """What is common in all members, the commonest last: zlib reaches that most cheaply."""
    words = Counter()
    for content in members:
        data = json.loads(content)
        words.update(json.dumps(key, separators=(",", ":")) for key in data["keys"])
        for name, (arn, _, _) in data["resources"].items():
            words[json.dumps(name)] += 1
            words[arn.rpartition(":")[0]] += 1
        for name, action in data["actions"].items():
            words[f'"{name}":' + json.dumps(action, separators=(",", ":"))] += 1
            words[f'"{name}":'] += 1
            words.update(json.dumps(row, separators=(",", ":")) for row in action[2])
    worth = [word for word, count in words.items() if count > 2]
    worth.sort(key=lambda word: (words[word] * len(word), word))
    return ",".join(worth).encode()[-_DICTIONARY_SIZE:]
