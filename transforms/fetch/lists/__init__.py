"""Lists of feeds: OPML, TOML, plain addresses."""
