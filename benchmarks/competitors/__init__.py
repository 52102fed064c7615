"""One module per competitor. Each has `run(csv, root)`: the rows read, and accuracy and F1 on the last 20 % of them."""
