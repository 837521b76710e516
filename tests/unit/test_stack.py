"""Stacks: which policies hang where, and what they are called."""

import pytest
from tests.unit.asking import allow, deny, policy

from policyeval.parsing.policy import parse_policy
from policyeval.stack import AttachedPolicy, Layer, PolicyStack


def test_layers_stand_in_the_order_in_which_aws_presents_them():
    # R-FLOW-02
    assert [layer.value for layer in Layer] == [
        *("rcp", "scp", "vpc_endpoint", "resource", "identity", "boundary", "session")
    ]


def test_flat_list_is_one_level_and_nested_lists_are_levels():
    one = policy(allow())
    assert len(PolicyStack.of({Layer.SERVICE_CONTROL_POLICY: [one, one]}).layers[Layer("scp")]) == 1
    leveled = PolicyStack.of({Layer.SERVICE_CONTROL_POLICY: [[one], [], [one, one]]})
    assert [len(level) for level in leveled.layers[Layer("scp")]] == [1, 0, 2]


def test_empty_layer_is_known_to_be_empty_and_a_missing_one_is_not_given():
    stack = PolicyStack.of({Layer.IDENTITY_POLICY: []})
    assert stack.layers == {Layer.IDENTITY_POLICY: ()}
    assert stack.policies(Layer.IDENTITY_POLICY) == ()
    assert stack.policies(Layer.SESSION_POLICY) == ()


def test_policy_is_called_after_its_source():
    named = parse_policy({"Statement": allow()}, name="readers")
    stack = PolicyStack.of({Layer.IDENTITY_POLICY: [named]})
    assert [attached.name for attached in stack.policies(Layer.IDENTITY_POLICY)] == ["readers"]


def test_policy_without_a_name_is_called_after_its_place():
    nameless = parse_policy({"Statement": allow()}, name="")
    stack = PolicyStack.of(
        {
            Layer.IDENTITY_POLICY: [nameless, nameless],
            Layer.SERVICE_CONTROL_POLICY: [[nameless], [nameless, nameless]],
        }
    )
    names = {layer: [one.name for one in stack.policies(layer)] for layer in stack.layers}
    assert names == {
        Layer.IDENTITY_POLICY: ["identity[0]", "identity[1]"],
        Layer.SERVICE_CONTROL_POLICY: ["scp[0][0]", "scp[1][0]", "scp[1][1]"],
    }


@pytest.mark.parametrize("item", ["{}", {"Statement": []}, None, 1])
def test_stack_refuses_what_is_no_policy(item):
    with pytest.raises(TypeError, match="parse it first"):
        PolicyStack.of({Layer.IDENTITY_POLICY: [item]})


def test_changed_policy_leaves_the_old_stack_and_every_other_policy_as_they_were():
    first, second = (
        AttachedPolicy(policy(allow()), "first"),
        AttachedPolicy(policy(allow()), "second"),
    )
    stack = PolicyStack.of({Layer.SERVICE_CONTROL_POLICY: [[first], [second]]})
    changed = stack.with_policy(Layer.SERVICE_CONTROL_POLICY, second, policy(deny()))
    assert stack.policies(Layer.SERVICE_CONTROL_POLICY) == (first, second)
    kept, new = changed.policies(Layer.SERVICE_CONTROL_POLICY)
    assert kept is first
    assert (new.name, new.policy) == ("second", policy(deny()))
    assert len(changed.layers[Layer.SERVICE_CONTROL_POLICY]) == 2
