"""Going round an object to look at it from several sides."""
