"""The coding of a study: who did what when, undo, past states, merging two coders' work, erasure."""
