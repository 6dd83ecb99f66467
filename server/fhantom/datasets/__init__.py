"""The open data sets: each from what a user has on disk, or as a small sample of its shape, into a world.

    catalogue.DATASETS ──► Dataset(name, licence, loader, sampler)
                              │
    job.Job(dataset, source, world, limit) ──► loader(job) ──┬── dicom_files.store    several processes, resumable
                              │                               ├── fhir_files.store     both FHIR versions
                              │                               └── studies.describe     ImagingStudy of what is stored
                              └── report, licences ──► world.provenance

A loader skips what it does not know, refuses what is broken by name and with the reason, and goes on; loading the same
again changes nothing. `samples.Samples` makes a sample and loads it by the same loader: `fhantom serve --seed NAME`.
"""
