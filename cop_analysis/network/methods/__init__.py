"""The measures of networks: graphs and tables in, a frozen answer out; no study, page or picture is known here."""
