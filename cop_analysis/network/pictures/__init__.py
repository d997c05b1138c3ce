"""The pictures of networks: a measure's answer in, a drawing out; nothing here knows a study or makes a result."""
