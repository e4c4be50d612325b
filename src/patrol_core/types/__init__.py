"""Values that travel on the topic table. Every stamp is the time of measurement."""
