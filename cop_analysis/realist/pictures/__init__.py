"""Pictures of a coding: an answer in, SVG or marked text out."""
