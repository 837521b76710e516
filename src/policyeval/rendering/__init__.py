"""Values to characters: text, JSON, Markdown, HTML. Knows no policy semantics."""
