"""Pages of a study's coding: what is asked of it, answered as a result with its words."""
