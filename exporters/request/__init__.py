"""From a user's words to a request that was checked."""
