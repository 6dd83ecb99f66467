"""The phantoms: pure functions from coordinates to numpy arrays. Nothing here knows DICOM.

Coordinates are millimetres in the patient: x to the left, y to the back, z to the head (PS3.3 C.7.6.2.1.1);
z is 0 near the diaphragm.
"""
