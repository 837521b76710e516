"""Other catalogues than the one that is shipped, and none."""

import importlib
import pkgutil
from contextlib import contextmanager
from unittest import mock

import policyeval.catalogue
from policyeval.catalogue import archive


def forget():
    """Empty every cache of the catalogue, so that its file is read anew."""
    for found in pkgutil.iter_modules(policyeval.catalogue.__path__):
        module = importlib.import_module(f"policyeval.catalogue.{found.name}")
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


@contextmanager
def catalogue_at(path):
    """Read the catalogue from another file for a while."""
    forget()
    try:
        with mock.patch.object(archive, "PATH", path):
            yield path
    finally:
        forget()
