"""A CSV predicted from a published model, and what the rows say of the model: figures, and how the data has moved."""
