"""Filling a world from seeds and data sets, through the same doors as everything else that is stored."""
