"""From a request to SQL, and to its totals."""
