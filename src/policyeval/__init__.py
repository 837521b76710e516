"""policyeval: why is this AWS request allowed or denied?

Eight nouns and their verbs; everything else is reached through its package.
"""

from policyeval.errors import PolicyEvalError

__version__ = "0.1.0"
