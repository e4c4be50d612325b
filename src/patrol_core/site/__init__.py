"""The site folder: everything that differs between sites, loaded and checked."""
