"""From the resource types of an action and the parameters of a call to the ARNs it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyeval.calls.call import ApiCall
from policyeval.calls.operations import Operation, fold
from policyeval.calls.parameters import Parameters, as_text
from policyeval.calls.templates import fill, literal_length, matches, variables
from policyeval.catalogue.model import ActionEntry, ResourceType
from policyeval.value import Value, replace

_PLACES = {"Partition": "partition", "Region": "region", "Account": "account"}
_REGION, _ACCOUNT = 3, 4  # the parts of an ARN that are the call's, however a pattern names them
_ENDINGS = ("resourceid", "identifier", "withpath", "name", "id", "arn")
_MAKING = (
    "create",
    "run",
    "allocate",
    "request",
    "import",
    "copy",
    "restore",
    "purchase",
    "provision",
)
_MOST = 200  # resources of one request: no API takes more in one call


class Target(Value):
    """One resource of a call, as far as it is known.

    `resource` is empty where parts are `missing`; `pattern` has `*` for them. `used` are the
    parameters that made it, `type` the catalogue's resource type.
    """

    resource: str
    pattern: str
    missing: tuple[str, ...] = ()
    type: str = ""
    used: frozenset[str] = frozenset()


EVERYTHING = Target("*", "*")


class Places(Value):
    """Where the call is made, and which parameters stand for which variables."""

    call: ApiCall
    operation: Operation
    parameters: Parameters
    variables: Mapping[str, tuple[str, ...]] = {}


def of_template(template: str, places: Places) -> tuple[Target, ...]:
    """Give the resources of a template whose variables are parameters.

    A parameter that holds an ARN already stands for the whole of it.
    """
    names = [name for name in variables(template) if name not in _PLACES]
    values = {name: places.parameters.texts(name) for name in names}
    whole = [text for name in names for text in values[name] if text.startswith("arn:")]
    if whole:
        return tuple(Target(text, text) for text in dict.fromkeys(whole[:_MOST]))
    return _filled(template, values, places, "")


def of_action(
    entry: ActionEntry, types: Mapping[str, ResourceType], places: Places, only: Sequence[str] = ()
) -> tuple[Target, ...]:
    """Give the resources that an action is asked for; `*` for an action that has no types.

    `only` narrows to these types. What cannot be told gives one target with what is missing.
    """
    resources = [each for each in entry.resources if not only or each.type in only]
    known = [_at_the_call(types[each.type]) for each in resources if each.type in types]
    if not known:
        return (EVERYTHING,)
    given = _given_arns(known, places.parameters)
    filled = [target for target in _by_variables(known, given, places) if not target.missing]
    found = _most_specific([*given, *filled])
    if found:
        return tuple(found[:_MOST])
    required = {each.type for each in resources if each.required}
    return (_likeliest(known, required, places),)


def _at_the_call(type_: ResourceType) -> ResourceType:
    """The type with `${Region}` and `${Account}` where its pattern says `${AccountId}` or so."""
    parts = type_.arn.split(":", 5)
    if len(parts) == 6:
        for place, name in ((_REGION, "${Region}"), (_ACCOUNT, "${Account}")):
            if parts[place].startswith("${"):
                parts[place] = name
    return replace(type_, arn=":".join(parts))


def _given_arns(types: Sequence[ResourceType], parameters: Parameters) -> list[Target]:
    """The parameters that hold an ARN of one of the types; of several types the most specific."""
    found: dict[str, Target] = {}
    ranked = sorted(types, key=lambda each: -literal_length(each.arn))
    for name, text in parameters.leaves():
        if not text.startswith("arn:") or text in found:
            continue
        fitting = next((each for each in ranked if matches(each.arn, text)), None)
        if fitting is not None:
            found[text] = Target(text, text, type=fitting.name, used=frozenset({name}))
    return list(found.values())


def _by_variables(
    types: Sequence[ResourceType], given: Sequence[Target], places: Places
) -> list[Target]:
    found: list[Target] = []
    covered = {target.type for target in given}
    for each in types:
        if each.name in covered:
            continue
        values: dict[str, tuple[str, ...]] = {}
        used: list[str] = []
        for name in variables(each.arn):
            if name not in _PLACES:
                parameter, values[name] = _value_of(name, each, len(types) == 1, places)
                used.append(parameter)
        # A pattern without variables fits any call: it counts only where there is no other type.
        # One parameter stands for one variable: the name of a load balancer is not its id too.
        once = len(set(used)) == len(used)
        if all(values.values()) and once and (values or len(types) == 1):
            found += _filled(each.arn, values, places, each.name, frozenset(used))
    return found


def _value_of(
    variable: str, type_: ResourceType, alone: bool, places: Places
) -> tuple[str, tuple[str, ...]]:
    """The parameter that stands for a variable and its values; none where none was given."""
    parameters = places.parameters
    for path in _exceptions(variable, type_, places):
        texts = tuple(t for t in parameters.texts(path) if not t.startswith("arn:"))
        if texts:
            return fold(path), texts
    names = _candidates(variable, type_, alone, places.operation)
    for name in names:
        texts = parameters.texts(name)
        if texts and not texts[0].startswith("arn:"):
            return name, texts
    for name in names[:4]:
        inner = [as_text(value) for value in parameters.named(name)]
        inner = [text for text in inner if text and not text.startswith("arn:")]
        if inner:
            return name, tuple(dict.fromkeys(inner))
    return "", ()


def _exceptions(variable: str, type_: ResourceType, places: Places) -> tuple[str, ...]:
    table = places.variables
    return table.get(f"{type_.name}.{variable}", ()) or table.get(variable, ())


def _candidates(
    variable: str, type_: ResourceType, alone: bool, operation: Operation
) -> tuple[str, ...]:
    """Give the folded names of parameters that may stand for a variable, the likeliest first."""
    name, kind = fold(variable), fold(type_.name)
    stem = name
    for ending in _ENDINGS:
        if stem.endswith(ending) and len(stem) > len(ending):
            stem = stem[: -len(ending)]
    names = [name, name + "s"]
    if name.endswith("withpath"):
        names.append(name[:-8])
    for base in dict.fromkeys((stem, kind)):
        if variable.startswith(type_.name) or base == stem or _is_last(variable, type_):
            names += [base + ending for ending in ("name", "id", "identifier", "", "arn")]
            names += [base + ending for ending in ("names", "ids", "identifiers", "s", "arns")]
    if _is_last(variable, type_) and (alone or kind in fold(operation.name)):
        names += ["name", "id", "identifier", "arn", "resourcearn", "resourceid", "resourcename"]
    return tuple(dict.fromkeys(names))


def _is_last(variable: str, type_: ResourceType) -> bool:
    return variables(type_.arn)[-1:] == (variable,)


def _filled(
    template: str,
    values: Mapping[str, tuple[str, ...]],
    places: Places,
    type_: str,
    used: frozenset[str] = frozenset(),
) -> tuple[Target, ...]:
    """Give a target for each value of the variable that has several."""
    longest = max((len(some) for some in values.values()), default=0)
    found = []
    for number in range(min(max(longest, 1), _MOST)):
        chosen = {name: some[min(number, len(some) - 1)] for name, some in values.items() if some}
        found.append(_target(template, chosen, places, type_, used))
    return tuple(dict.fromkeys(found))


def _target(
    template: str, values: Mapping[str, str], places: Places, type_: str, used: frozenset[str]
) -> Target:
    missing: list[str] = []

    def value_of(name: str) -> str:
        place = _PLACES.get(name)
        value = getattr(places.call, place) if place else values.get(name, "")
        if value.startswith("alias/") and ":key/" in template:
            missing.append(f"the key behind {value}")  # AWS: the key is asked about, not its alias
            return "*"
        if not value:
            missing.append(place or _in_words(name))
        return value or "*"

    pattern = fill(template, value_of)
    return Target("" if missing else pattern, pattern, tuple(dict.fromkeys(missing)), type_, used)


def _holder_of_arn(operation: Operation) -> str:
    """The parameter that the API insists on and that holds an ARN, such as that of TagResource."""
    for name in operation.parameters:
        folded = fold(name)
        if name in operation.required and folded.endswith(("arn", "arns")) and "role" not in folded:
            return name
    return ""


def _in_words(name: str) -> str:
    """`TheRoleOfTheInstanceProfile` is no parameter, but words for what nobody tells."""
    if not name.startswith("The"):
        return name
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()


def _most_specific(targets: Sequence[Target]) -> list[Target]:
    """Leave out a target whose parameters a more specific one uses too: the table of an index."""
    kept: list[Target] = []
    for target in targets:
        wider = any(target.used < other.used and target.used for other in targets)
        same = any(target.used == other.used and target.type != other.type for other in kept)
        if not wider and not (same and target.used):
            kept.append(target)
    return kept


def _likeliest(types: Sequence[ResourceType], required: set[str], places: Places) -> Target:
    """The target of the type that the operation is about, with what is missing to name it."""
    operation = fold(places.operation.name)
    ranked = sorted(
        types,
        key=lambda each: (fold(each.name) not in operation, each.name not in required),
    )
    type_ = ranked[0]
    values: dict[str, str] = {}
    wanted: dict[str, str] = {}
    taken: set[str] = set()
    generated = operation.startswith(_MAKING)
    known = {fold(name): name for name in places.operation.parameters}
    for name in variables(type_.arn):
        if name in _PLACES:
            continue
        used, texts = _value_of(name, type_, len(types) == 1, places)
        if texts and used not in taken:
            taken.add(used)
            values[name] = texts[0]
            continue
        paths = (
            *(fold(path.partition(".")[0]) for path in _exceptions(name, type_, places)),
            *_candidates(name, type_, len(types) == 1, places.operation),
        )
        parameter = next((known[path] for path in paths if path in known), "")
        if parameter:
            wanted[name] = parameter
        elif generated and _is_last(name, type_):
            values[name] = "*"  # AWS: what is yet to be made stands as `*` in the request
        else:
            wanted[name] = name
    target = _target(type_.arn, values, places, type_.name, frozenset())
    holder = _holder_of_arn(places.operation)
    if holder and wanted and not values:
        return Target("", "*", (holder,))
    named = tuple(dict.fromkeys(wanted.get(name, name) for name in target.missing))
    return Target(target.resource, target.pattern, named, type_.name)
