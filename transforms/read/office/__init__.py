"""Documents of word processors, and text copied from them, that databases of news export their articles into."""
