"""From DICOM to FHIR: ImagingStudy, Patient and Endpoint of what is stored, in both versions.

The real server does not link the two, so this is off unless a setting asks for it.
"""
