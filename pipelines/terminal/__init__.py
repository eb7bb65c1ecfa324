"""What is printed: reports, summaries, results of queries, previews."""
