"""What is done to a lake now and then: articles forgotten, and extracted again."""
