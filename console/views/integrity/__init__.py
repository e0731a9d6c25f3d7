"""The screen of the daily check of money and attendance."""
