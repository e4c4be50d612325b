"""What people do that a site's rules do not allow, told from anonymous tracks, with numbers."""
