"""A seed folder: a world as files that any tool can read, written by fhantom and read back by it.

    manifest.json             what is in the folder: each file's size, digest and count; origin, terms, cautions
    fhir/R5/Patient.ndjson    one resource a line in the order of creation, a file for each type; fhir/R4/ likewise
    dicom/STUDY/SERIES/SOP.dcm
    dicom/metadata.ndjson     DICOM JSON of instances whose bytes are not there, one a line
    dicom/elsewhere.ndjson    for series whose bytes can be had elsewhere, the command that fetches them

It holds what is there now: versions of before, deletions, journal and SOLE events are a snapshot's (`fhantom.world`).
"""
