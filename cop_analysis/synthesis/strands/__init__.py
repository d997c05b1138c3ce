"""The strands of measured evidence, a file each: what it reads, what it shows, and its words; see `measures.Strand`."""
