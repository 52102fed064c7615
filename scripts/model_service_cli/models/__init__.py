"""Published models: found, predicted from, promoted, rolled back, their cards. Not the runs that made them."""
