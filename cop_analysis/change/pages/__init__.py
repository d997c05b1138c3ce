"""The pages of measured change: a question to a study in, a `Result` out."""
