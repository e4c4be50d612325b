"""What guiding a visitor is made of: whom it leads, how far, and along which line."""
