"""Synthetic worlds for load tests: histories in FHIR with imaging, the same for the same seed.

    plan.Plan ──► people.people ──► histories.history     Encounter, Condition, Observation, MedicationRequest
                                └─► studies.studies       DICOM headers, pixels on demand
                                      └─► reports          ImagingStudy by the one mapper, DiagnosticReport
    making.make writes all of it as a seed folder (`fhantom.datasets.folder`)

Everything is drawn from `random.Random` seeded by a text, which Python promises to repeat, and by `derived_uid`.
"""
