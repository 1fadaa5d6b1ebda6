"""`make bench ARCHIVE=…`: our time to the stored result beside dive's whole process, in one run."""
