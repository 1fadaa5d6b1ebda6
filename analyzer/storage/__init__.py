"""A Docker Engine's data root, read without the engine: its images, layers, containers, and the disk that they take."""
