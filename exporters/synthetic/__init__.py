"""Synthetic landing folders for trials and benchmarks."""
