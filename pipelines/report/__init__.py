"""`wirecopy report`: one page of HTML, whole in itself, that shows what a lake says of a period."""
