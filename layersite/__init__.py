"""The site's wiring: settings, addresses, the worker's and the web server's entry points."""
