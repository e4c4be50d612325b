"""Teaching a site by driving it once by hand."""
