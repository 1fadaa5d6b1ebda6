"""Times in Django's admin as the pages write them."""

DATETIME_FORMAT = "j M Y, H:i e"
