"""What each venue has to show, when it ends, and filing it: for headquarters and for a venue itself."""
