"""Claims, keywords, sentiment, similarity: each a pure function from table to table."""
