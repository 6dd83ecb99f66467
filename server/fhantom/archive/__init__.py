"""What is kept of DICOM objects, the one way in for them, and how they are found again; knows no HTTP.

`ingest` takes DICOM bytes or a metadata record and makes rows, `search` answers a `query`, `retrieve` finds the
instances below a path for those that hand out objects.
"""
