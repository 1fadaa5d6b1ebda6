"""The HTTP API under /api/v1/."""

from . import env

# Entries a page of a list, at most: what a client may ask for with `page_size`.
API_MAX_PAGE_SIZE = env.integer("API_MAX_PAGE_SIZE", 1_000, least=1)
