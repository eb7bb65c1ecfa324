"""What pages have in common: text from outside made fit for HTML, figures drawn as SVG, and the templates."""
