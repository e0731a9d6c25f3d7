"""What headquarters tells venues: the page it is written on, and the banner it is read in."""
