"""Find: which images hold a file, a content, a layer or a package, and whether they still show it."""
