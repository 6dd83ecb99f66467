"""fhantom for test suites: a pytest plugin, and the server in a thread or in process that it is made of.

pytest finds `fhantom.testing.plugin` by its entry point. Nothing else of this package is imported before a test
asks for one of its fixtures.
"""
