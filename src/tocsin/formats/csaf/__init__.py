"""CSAF 2.0 and 2.1: advisories and VEX documents read tolerantly, written strictly."""
