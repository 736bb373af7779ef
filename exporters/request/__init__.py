"""From a user's words to a request that was checked, and of which days there is data."""
