"""Networks to and from other programs: Gephi, UCINET, Pajek, visone, R; what a format cannot carry is always said.

Nothing is measured or drawn here. Each format is a file of `formats/` over the plain `tables`, found by looking
(`kinds`); `graph_files` reads and writes whatever they know, and `bringing` takes a file into a study. What others use
is exported by the room.
"""
