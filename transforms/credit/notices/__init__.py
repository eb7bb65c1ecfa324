"""Standing notices: paragraphs that a law, a stock exchange or a company's own habit puts under its releases."""
