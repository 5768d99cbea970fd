"""Tocsin: field safety actions on medical devices, from the notice to the last patient reached."""
