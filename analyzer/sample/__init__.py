"""Four small images on one base, made by code: every page has something to show before anything is uploaded."""
