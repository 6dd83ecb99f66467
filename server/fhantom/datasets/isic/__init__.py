"""SIIM-ISIC Melanoma Classification 2020: photographs of skin lesions, and one line of CSV about each."""
