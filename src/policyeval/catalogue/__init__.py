"""What AWS says exists: services, actions, resource types, condition keys.

The data is shipped in the package and loaded service by service when first asked for; nothing of
it is needed to decide a request. docs/catalogue.md tells where it comes from.
"""
