"""What `./ronda learn` reads, keeps and draws."""
