"""Requests for reports: read from a user's words and checked; periods; which days have data."""
