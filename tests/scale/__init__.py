"""A collection as a company has it after a year, made by the site's own services: `python -m tests.scale FOLDER`.

Only the bytes of files are not there: a content is its digest and its size. All else (listings, contents, chains,
images, references that move) is written by what takes archives in, so that every figure is an honest one.
The same seed gives the same collection, digest by digest.
"""
