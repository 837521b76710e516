"""The public face: its names, documented, immutable, and without effects."""

import inspect
import os
import pickle
import subprocess
import sys
import threading
from enum import Enum

import pytest

import policyeval
from policyeval import (
    ABSENT,
    UNKNOWN,
    Facts,
    Layer,
    PolicyEvalError,
    PolicyStack,
    Request,
    Verdict,
    evaluate,
    explain,
    parse_arn,
    parse_policy,
)

NAMES = [
    "ABSENT",
    "UNKNOWN",
    "Arn",
    "AttachedPolicy",
    "Decision",
    "Environment",
    "Facts",
    "Finding",
    "Layer",
    "LayerVerdict",
    "Policy",
    "PolicyEvalError",
    "PolicyStack",
    "PolicyType",
    "Request",
    "Verdict",
    "evaluate",
    "explain",
    "load_environment",
    "parse_arn",
    "parse_policy",
    "who_can",
]
ANA = "arn:aws:iam::111122223333:user/ana"
LOG = "arn:aws:s3:::logs/a.log"
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "AtHome",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        }
    ],
}


def asked(context=None, **more):
    stack = PolicyStack.of({Layer.IDENTITY_POLICY: [parse_policy(DOCUMENT, name="ana.json")]})
    return evaluate(Request.of(ANA, "s3:GetObject", LOG, context, **more), stack)


# ---- names --------------------------------------------------------------------------------


def test_the_public_names_are_these():
    assert policyeval.__all__ == NAMES
    assert dir(policyeval) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_name_can_be_imported_and_stays_the_same_thing(name):
    found = getattr(policyeval, name)
    assert found is getattr(policyeval, name)
    namespace = {}
    exec(f"from policyeval import {name}", namespace)
    assert namespace[name] is found


def test_no_name_is_a_module():
    assert not [name for name in NAMES if inspect.ismodule(getattr(policyeval, name))]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="evaluat"):
        policyeval.evaluat  # noqa: B018
    with pytest.raises(ImportError):
        exec("from policyeval import evaluat")


def test_a_version_is_told():
    assert policyeval.__version__.count(".") == 2


def test_the_package_says_that_it_is_typed():
    from importlib.resources import files

    assert files("policyeval").joinpath("py.typed").is_file()


# ---- documentation ------------------------------------------------------------------------

CALLABLE = [name for name in NAMES if callable(getattr(policyeval, name))]


@pytest.mark.parametrize("name", CALLABLE)
def test_each_class_and_function_is_documented(name):
    text = getattr(policyeval, name).__doc__
    assert text
    assert len(text.split()) >= 3
    assert text.strip().partition("\n")[0].endswith((".", ":", "?")), "a whole first line"


def members(name):
    kind = getattr(policyeval, name)
    for member, value in vars(kind).items():
        if (
            not member.startswith("_") and isinstance(value, (staticmethod, classmethod, property))
        ) or (not member.startswith("_") and inspect.isfunction(value)):
            yield member, value


@pytest.mark.parametrize(
    "name", [name for name in CALLABLE if inspect.isclass(getattr(policyeval, name))]
)
def test_each_public_method_and_property_is_documented(name):
    bare = [member for member, value in members(name) if not value.__doc__]
    assert bare == []


@pytest.mark.parametrize("name", [name for name in CALLABLE if name.islower()])
def test_each_function_is_annotated_throughout(name):
    signature = inspect.signature(getattr(policyeval, name))
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(
        parameter.annotation is not inspect.Parameter.empty
        for parameter in signature.parameters.values()
    )


# ---- values -------------------------------------------------------------------------------


def test_a_decision_has_no_truth_value():
    decision = asked()
    for use in (bool, lambda value: not value, lambda value: value and 1, lambda value: value or 1):
        with pytest.raises(TypeError, match="allowed"):
            use(decision)
    with pytest.raises(TypeError):
        all([decision])
    with pytest.raises(TypeError):
        list(filter(None, [decision]))


def test_exactly_one_of_three_words_holds():
    for decision in (asked(), asked({"aws:SourceVpce": "vpce-1"}), asked(facts=Facts.PARTIAL)):
        assert [decision.allowed, decision.denied, decision.unknown].count(True) == 1
    assert asked().verdict is Verdict.IMPLICIT_DENY
    assert asked({"aws:SourceVpce": UNKNOWN}).verdict is Verdict.UNKNOWN
    assert asked({"aws:SourceVpce": ABSENT}).verdict is Verdict.IMPLICIT_DENY


def reachable():
    """One of each kind of value that a decision and its explanation lead to."""
    decision = asked({"aws:TagKeys": ["a", "b"]})
    found, waiting = {}, [decision, explain(decision), parse_arn(ANA), asked(facts=Facts.PARTIAL)]
    seen = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, (str, Enum)):
            continue
        seen.add(id(value))
        if isinstance(value, (tuple, list, frozenset, set)):
            waiting.extend(value)
        elif hasattr(value, "items"):
            waiting.extend(value.values())
        elif type(value).__module__.startswith("policyeval"):
            found.setdefault(type(value).__name__, value)
            waiting.extend(getattr(value, name) for name in fields(value) if name[0] != "_")
    return found


def fields(value):
    """What a value holds; caches start with an underscore."""
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [name for name in names if hasattr(value, name)]


VALUES = reachable()
CACHES = frozenset(("SourceMap",))  # what is remembered about a text, never a fact


@pytest.mark.parametrize("kind", sorted(VALUES.keys() - CACHES))
def test_values_cannot_be_changed(kind):
    value = VALUES[kind]
    for name in [*fields(value), "anything_new"]:
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, None)
        with pytest.raises((AttributeError, TypeError)):
            delattr(value, name)
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("kind", sorted(VALUES.keys() - CACHES))
def test_values_hold_no_container_that_can_be_changed(kind):
    value = VALUES[kind]
    loose = {
        name: type(getattr(value, name)).__name__
        for name in fields(value)
        if name[0] != "_" and isinstance(getattr(value, name), (list, set, bytearray))
    }
    assert loose == {}


@pytest.mark.parametrize("given", ["context", "document", "policies", "levels"])
def test_what_was_given_can_change_afterwards_without_effect(given):
    import copy

    document, context = copy.deepcopy(DOCUMENT), {"aws:SourceVpce": ["vpce-1"]}
    policies = [parse_policy(document)]
    layers = {Layer.IDENTITY_POLICY: policies}
    if given == "levels":
        layers[Layer.SERVICE_CONTROL_POLICY] = [
            [parse_policy({**DOCUMENT, "Statement": [{**DOCUMENT["Statement"][0], "Action": "*"}]})]
        ]
    request, stack = Request.of(ANA, "s3:GetObject", LOG, context), PolicyStack.of(layers)
    assert evaluate(request, stack).allowed
    document["Statement"][0]["Effect"] = "Deny"
    document["Statement"].clear()
    context["aws:SourceVpce"].append("vpce-2")
    context.clear()
    policies.clear()
    if given == "levels":
        layers[Layer.SERVICE_CONTROL_POLICY][0].clear()
    layers.clear()
    assert evaluate(request, stack).allowed


def test_equal_questions_have_equal_answers():
    first, second = asked(), asked()
    assert first.request == second.request
    assert hash(first.request.principal) == hash(second.request.principal)
    assert (first.verdict, first.missing, first.blocking) == (
        second.verdict,
        second.missing,
        second.blocking,
    )


def test_values_can_be_sent_to_another_process():
    decision = asked()
    copy = pickle.loads(pickle.dumps(decision))
    assert copy.verdict is decision.verdict
    assert copy.request == decision.request
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN


def test_values_are_shared_between_threads():
    policy = parse_policy(DOCUMENT)
    stack = PolicyStack.of({Layer.IDENTITY_POLICY: [policy]})
    answers, barrier = [], threading.Barrier(8)

    def work(number):
        barrier.wait()
        for turn in range(50):
            endpoint = f"vpce-{(number + turn) % 2}"
            request = Request.of(ANA, "s3:GetObject", LOG, {"aws:SourceVpce": endpoint})
            answers.append(evaluate(request, stack).allowed is (endpoint == "vpce-1"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 400


# ---- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: parse_arn("arn:aws:iam:111122223333:user/ana"),
        lambda: parse_policy("{"),
        lambda: parse_policy({}),
        lambda: parse_policy(b"\xff"),
        lambda: Request.of("ana", "s3:GetObject", LOG),
        lambda: Request.of(ANA, "GetObject", LOG),
        lambda: Request.of(ANA, "s3:GetObject", "logs"),
        lambda: Request.of(ANA, "s3:GetObject", LOG, {"aws:x": object()}),
        lambda: policyeval.load_environment("/no/such/environment.yaml"),
    ],
)
def test_every_error_has_one_root_and_a_message(call):
    with pytest.raises(PolicyEvalError) as caught:
        call()
    assert caught.value.message
    assert str(caught.value)
    assert all(finding.code.startswith("PE") for finding in caught.value.findings)


# ---- effects ------------------------------------------------------------------------------

AUDIT = """
import sys
import encodings.idna, encodings.utf_8  # what Python itself loads late is not ours
seen = []
def hook(event, args):
    watched = ("socket", "subprocess", "os.system", "os.putenv", "os.unsetenv", "urllib", "ftplib",
               "os.mkdir", "os.remove", "os.rename", "shutil", "tempfile", "ctypes", "winreg")
    if event.startswith(watched):
        seen.append((event, str(args)[:100]))
    if event == "open" and isinstance(args[0], str) and set(args[1] or "") & set("wax+"):
        if "__pycache__" not in args[0]:
            seen.append((event, str(args)[:100]))
sys.addaudithook(hook)

import os, time
real = type(os.environ).__getitem__
def getitem(self, key):
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__") in ("os", "_collections_abc", "collections.abc"):
        frame = frame.f_back
    if frame.f_globals.get("__name__", "").startswith("policyeval"):
        seen.append(("environ", str(key)))
    return real(self, key)
type(os.environ).__getitem__ = getitem
for name in ("time", "time_ns", "localtime", "gmtime"):
    def clock(*args, _real=getattr(time, name), _name=name):
        seen.append(("clock", _name))
        return _real(*args)
    setattr(time, name, clock)
"""
USE = """
import policyeval
from policyeval import *
from policyeval import Layer, PolicyStack, Request, evaluate, explain, parse_policy
from policyeval.rendering.text import render_text
from policyeval.rendering.html import render_html
from policyeval.rendering.json import explanation_to_json
from policyeval.rendering.markdown import render_markdown
policy = parse_policy({document!r}, name="ana.json")
stack = PolicyStack.of({{Layer.IDENTITY_POLICY: [policy]}})
decision = evaluate(Request.of({ana!r}, "s3:GetObject", {log!r}), stack)
explanation = explain(decision)
for render in (render_text, render_html, render_markdown, explanation_to_json):
    render(explanation)
"""


@pytest.mark.parametrize("code", ["from policyeval import *", USE], ids=["import", "use"])
def test_nothing_reads_clock_network_or_environment_and_nothing_prints(code):
    body = code.format(document=DOCUMENT, ana=ANA, log=LOG) if code is USE else code
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", f"{AUDIT}\n{body}\nassert not seen, seen"],
        capture_output=True,
        encoding="utf-8",
        env={key: value for key, value in os.environ.items() if not key.startswith("COV")},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
