"""Text or dict to AST: the only step that knows how policies are written.

One module a language. The ordinary shape takes a plain-Python lane; `grammars/*.lark` are the
normative form of every language, the judge in the tests and the source of "expected …" messages.
"""
