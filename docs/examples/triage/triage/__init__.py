"""A client that looks for studies that want attention."""
