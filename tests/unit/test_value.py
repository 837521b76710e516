"""Value: frozen, equal by content, cheap to define."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from policyeval.context import PRESENT, Presence, RequestContext
from policyeval.source import Source, Span
from policyeval.stack import Layer
from policyeval.value import Value, Word, fill_cache, replace


class Point(Value):
    x: int
    y: int = 0
    kind: ClassVar[str] = "point"
    _length: float | None = None


class Named(Point):
    name: str = ""


class Empty(Value):
    pass


def test_constructor_takes_fields_by_position_and_by_name():
    assert Point(1, 2) == Point(x=1, y=2)
    assert Point(1).y == 0


@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]
)
def test_constructor_refuses_other_arguments(args, kwargs):
    with pytest.raises(TypeError):
        Point(*args, **kwargs)


def test_cache_field_is_no_argument():
    with pytest.raises(TypeError):
        Point(1, _length=1.0)


def test_field_cannot_be_set_or_deleted():
    point = Point(1)
    with pytest.raises(AttributeError, match="Point is immutable: cannot set x"):
        point.x = 2
    with pytest.raises(AttributeError, match="Point is immutable: cannot delete x"):
        del point.x
    with pytest.raises(AttributeError):
        point.other = 1
    assert point == Point(1)


def test_values_have_no_dict():
    assert not hasattr(Point(1), "__dict__")


def test_equality_is_by_class_and_content():
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Named(1, 2)
    assert Named(1, 2) != Point(1, 2)
    assert Point(1, 2) != (1, 2)
    assert Empty() == Empty()


def test_equal_values_have_equal_hashes():
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert len({Point(1, 2), Point(1, 2), Named(1, 2)}) == 2


def test_value_with_an_unhashable_field_has_no_hash():
    with pytest.raises(TypeError):
        hash(Point([]))


def test_cache_is_no_part_of_the_value():
    filled = Point(1)
    fill_cache(filled, "_length", 5.0)
    assert filled._length == 5.0
    assert filled == Point(1)
    assert hash(filled) == hash(Point(1))
    assert repr(filled) == repr(Point(1))


def test_copy_and_pickle_give_an_equal_value_without_its_cache():
    filled = Named(1, 2, "a")
    fill_cache(filled, "_length", 5.0)
    for twin in (copy.copy(filled), copy.deepcopy(filled), pickle.loads(pickle.dumps(filled))):
        assert twin == filled
        assert twin._length is None


def test_repr_shows_the_fields_by_name():
    assert repr(Named(1, 2, "a")) == "Named(x=1, y=2, name='a')"
    assert repr(Empty()) == "Empty()"


def test_replace_changes_the_named_fields_alone():
    assert replace(Named(1, 2, "a"), y=5) == Named(1, 5, "a")
    with pytest.raises(TypeError):
        replace(Point(1), z=1)


def test_pattern_matching_takes_the_fields_in_order():
    match Named(1, 2, "a"):
        case Named(x, y, name):
            assert (x, y, name) == (1, 2, "a")
        case _:
            pytest.fail("no match")


def test_first_instances_may_be_made_by_several_threads_at_once():
    class Fresh(Value):
        number: int

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert list(pool.map(lambda n: Fresh(n).number, range(200))) == list(range(200))


def test_class_attribute_is_no_field():
    assert Point._fields == ("x", "y")
    assert Named._fields == ("x", "y", "name")
    assert Point.kind == "point"


def test_word_stays_one_object_when_copied_or_pickled():
    for word in (Layer.RESOURCE_POLICY, PRESENT):
        assert isinstance(word, Word)
        assert copy.deepcopy(word) is word
        assert pickle.loads(pickle.dumps(word)) is word
        assert hash(word) == hash(copy.copy(word))
    assert Presence("absent") is Presence.ABSENT


def test_nouns_with_caches_compare_without_them():
    source, fresh = Source("a", '{"b": 1}'), Source("a", '{"b": 1}')
    assert source.map.find("/b") == Span(6, 7)
    assert source == fresh
    assert hash(source) == hash(fresh)
    assert RequestContext({"a": ("b",)}) == RequestContext({"a": ("b",)})
    assert hash(RequestContext({"a": ("b",)})) == hash(RequestContext({"a": ("b",)}))
