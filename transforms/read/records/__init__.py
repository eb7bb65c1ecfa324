"""Records: JSON, JSON Lines, CSV, Parquet, and the exports that come in them."""
