"""What the data is: one module a table, the elements that flow between steps, and the SQL that readers see."""
