"""Copying patients or studies from a live DICOMweb and FHIR server into a seed folder.

pull.pull(order) ──► client.Server         one request at a time, patient with limits
        │              ├── fhir.Fhir        patients, $everything, what they refer to
        │              └── dicomweb.Dicomweb  studies, metadata, objects
        ├── disguise.Disguise               pseudonyms, if asked: records in disguised_fhir
        └── progress.Unfinished             what is there already, so that a pull goes on where it was
"""
