"""Exports of databases of news, of archives of blogs and of messengers: many articles in one file."""
