"""The tables, one module per subject; `store.models` lists them for Django."""
