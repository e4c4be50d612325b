"""The site's map: published, and turned into distances."""
