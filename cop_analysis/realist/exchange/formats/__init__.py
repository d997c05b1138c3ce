"""Kinds of file that hold a coding, one a module: each says its name, how it is known, read and written."""
