"""How values look on a terminal and in a pipe. Not what is shown."""
