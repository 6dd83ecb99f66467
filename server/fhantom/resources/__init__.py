"""What is kept of FHIR: resources in all their versions, their index, and search; no HTTP.

`understanding.understand` turns parameters into a `Search`, `store` reads, writes and searches.
"""
