"""Policies changed on purpose: does a test notice?"""
