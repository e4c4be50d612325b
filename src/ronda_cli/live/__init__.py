"""What a person sees of a running robot in the terminal."""
