"""Calibration: the same questions to a live server and to this one, what differs, and a profile of it."""
