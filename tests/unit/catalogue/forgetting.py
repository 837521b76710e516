"""Empty every cache of the catalogue, so that its file is read anew."""

import importlib
import pkgutil

import policyeval.catalogue


def forget():
    for found in pkgutil.iter_modules(policyeval.catalogue.__path__):
        module = importlib.import_module(f"policyeval.catalogue.{found.name}")
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
