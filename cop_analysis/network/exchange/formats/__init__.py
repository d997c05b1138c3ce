"""The formats networks come and go in: a file a format, found by looking, called as its file is; see `kinds.Format`."""
