"""NCI Imaging Data Commons: an index of a million series that works offline, and folders of what was downloaded."""
