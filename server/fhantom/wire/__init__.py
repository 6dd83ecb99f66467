"""Wire formats that several rooms share; they know neither DICOM nor FHIR."""
