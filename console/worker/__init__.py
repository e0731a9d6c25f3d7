"""The work that runs by itself: what there is to do, who does it, and the mail that goes out."""
