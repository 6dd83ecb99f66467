"""The Cancer Imaging Archive: what its downloaders leave on disk, and manifests of what is to be downloaded."""
