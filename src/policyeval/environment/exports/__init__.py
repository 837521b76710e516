"""Readers of what AWS tools export, one module for each form."""
