"""Values that travel on the topic table, one module a subject. Every stamp is the time of measurement."""
