"""Everything about one event, transaction or balance."""
