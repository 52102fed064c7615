"""One training from the file to the result: uploaded, started, followed, shown, traced. Not the looking back."""
