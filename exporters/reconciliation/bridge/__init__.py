"""From a month as reported to what it is now."""
