"""FHIR R4 and R5: devices, uses, persons and organisations in; flags and requests out."""
