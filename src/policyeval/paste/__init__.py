"""From what people hold, an error message or a log event, to a request that can be decided."""
