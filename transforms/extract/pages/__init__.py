"""Web pages: metadata, body text, what readers see, and what is no article."""
