"""How a coding is analysed: records in, a frozen answer out; nothing here knows a study, words or HTML."""
