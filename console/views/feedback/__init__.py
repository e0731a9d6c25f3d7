"""Parents' reviews: headquarters looks at them, a venue answers them."""
