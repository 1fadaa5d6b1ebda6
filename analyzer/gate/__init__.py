"""The gate of a build: rules that an image's change must keep, and what is said of each. Figures in, verdicts out."""
