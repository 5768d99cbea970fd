"""The desk: pages in a browser. Public ones now; those for users come beside them."""
