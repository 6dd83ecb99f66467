"""The SIIM hackathon data set: a clone of ImagingInformatics/hackathon-dataset, with its images as a submodule."""
