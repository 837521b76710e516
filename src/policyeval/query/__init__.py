"""Questions about many principals, actions or resources at once: who can, what can, matrices.

An index finds the few that a statement may let in; only these are evaluated. So each answer is
one that `evaluate` gave, and the time grows with the answer, not with the product.
"""
