"""The networks of a study: taken in from, and written for, UCINET, Pajek, Gephi, visone, R and others."""
