"""Pictures of measured change: an answer in, a `Figure` out; nothing is estimated here."""
