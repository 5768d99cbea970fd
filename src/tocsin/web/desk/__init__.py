"""The desk: pages for people who log in. `web.desk.view` tells how a page is written."""
