"""Camera frames to counts: arrays in, counts out.

`source -> detector -> tracker -> counter -> buckets`, plain arrays between them. Nothing here writes to a
store or puts a frame on disk, and a person never leaves this package: only counts do.
"""
