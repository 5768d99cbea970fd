"""Unique device identifiers of all three issuing agencies: text and columns -> their parts."""
