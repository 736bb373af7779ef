"""Measurements of the project beside what else could be used in its place."""
