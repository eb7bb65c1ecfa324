"""Credits: whose text an article is, whom it cites, and whom it quotes."""
