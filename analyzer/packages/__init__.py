"""Package databases as they lie in layers: what is installed, by whom. Pure: bytes in, names and versions out."""
