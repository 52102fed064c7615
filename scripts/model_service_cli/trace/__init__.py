"""The timeline of a run as a page. Not the reading of its history and logs, which is in `runs`."""
